#include "georgia/analysis/kmeans.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

#include "georgia/base/error.h"
#include "georgia/base/random.h"

#include "analysis/points.h"

namespace georgia {
namespace {

constexpr double kSlack = 1e-4;      // of a bound: what rounding in float32 may do to a distance
constexpr double kRounding = 1e-12;  // of the largest squared length, in a squared difference
constexpr double kFar = 4;           // of the squared mean: more is taken off the points

/// Squared distances (N) of points, by differences, to the centres (K, D) of their labels (N).
at::Tensor squared_gaps(const Points& points, const at::Tensor& centres, const at::Tensor& labels) {
    const std::int64_t at_once = rows_at_once(centres.size(1));
    std::vector<at::Tensor> gaps;
    at::Tensor memory = at::empty({0});
    for (std::int64_t first = 0; first < points.count(); first += at_once) {
        const std::int64_t end = std::min(first + at_once, points.count());
        const at::Tensor& own = copied_rows(centres, labels.slice(0, first, end), memory);
        gaps.push_back(own.sub_(points.rows.slice(0, first, end)).square_().sum(1));
    }
    return at::cat(gaps);
}

/// Sums (K, D) float64 and sizes (K) float64 of clusters.
struct Sums {
    at::Tensor vectors;
    at::Tensor sizes;

    Sums(std::int64_t clusters, std::int64_t dimensions)
        : vectors(at::zeros({clusters, dimensions}, at::kDouble)),
          sizes(at::zeros({clusters}, at::kDouble)) {}

    /// Adds rows (n, D) float64, each to the cluster of its label, or takes them away.
    void add(const at::Tensor& rows, const at::Tensor& labels, double sign) {
        vectors.index_add_(0, labels, rows, sign);
        sizes.index_add_(0, labels, at::ones({labels.size(0)}, at::kDouble), sign);
    }

    /// Means (K, D) float32 of clusters that have points; those of the others stay as they are.
    at::Tensor means(const at::Tensor& before) const {
        const at::Tensor means = (vectors / sizes.clamp_min(1).unsqueeze(1)).to(at::kFloat);
        return at::where((sizes > 0.5).unsqueeze(1), means, before);
    }
};

/// Of each of running sums (S, N) the index whose part holds a share of the whole, (S, c).
at::Tensor drawn_by_weight(
    const at::Tensor& running, std::vector<RandomStream>& randoms, std::int64_t candidates) {
    const at::Tensor shares = at::empty({running.size(0), candidates}, running.options());
    for (std::size_t start = 0; start < randoms.size(); ++start)
        for (std::int64_t i = 0; i < candidates; ++i)
            shares[static_cast<std::int64_t>(start)][i] = randoms[start].uniform();
    const at::Tensor marks = shares * running.slice(1, -1);
    return at::searchsorted(running, marks, /*out_int32=*/false, /*right=*/true)
        .clamp_max(running.size(1) - 1);
}

/// k-means++ for all starts: each centre is a point drawn by its squared distance to the centres so
/// far; of some candidates the one that leaves the least. One product measures those of all starts.
at::Tensor first_centres(const Points& points, const KMeansRequest& request) {
    const std::int64_t starts = request.starts;
    const auto candidates =
        2 + static_cast<std::int64_t>(std::log(static_cast<double>(request.clusters)));
    std::vector<RandomStream> randoms;
    std::vector<std::int64_t> firsts;
    for (std::int64_t start = 0; start < starts; ++start) {
        randoms.emplace_back(
            RandomKey{request.seed, 0, static_cast<std::uint32_t>(start), Purpose::kClusters});
        firsts.push_back(randoms.back().below(static_cast<std::uint32_t>(points.count())));
    }
    const auto squared_to = [&](const at::Tensor& numbers) {  // (n, N)
        at::Tensor memory = at::empty({0});
        return squared_distances(points, points.of(numbers, memory)).t().contiguous();
    };
    std::vector<at::Tensor> chosen{at::tensor(firsts)};  // (S) each
    at::Tensor squared = squared_to(chosen[0]);          // (S, N)
    while (static_cast<std::int64_t>(chosen.size()) < request.clusters) {
        const at::Tensor offered =
            drawn_by_weight(squared.cumsum(1, at::kDouble), randoms, candidates);
        const at::Tensor left = at::minimum(
            squared_to(offered.flatten()).view({starts, candidates, points.count()}),
            squared.unsqueeze(1));
        const at::Tensor best = left.sum(2).argmin(1, /*keepdim=*/true);  // (S, 1)
        chosen.push_back(offered.gather(1, best).squeeze(1));
        squared = left.gather(1, best.unsqueeze(2).expand({starts, 1, points.count()})).squeeze(1);
    }
    const at::Tensor numbers = at::stack(chosen, 1);  // (S, K)
    return points.rows.index_select(0, numbers.flatten())
        .view({starts, request.clusters, points.rows.size(1)});
}

/// One start of Lloyd's algorithm.
class Lloyd {
  public:
    Lloyd(const Points& points, at::Tensor centres)
        : points_(points),
          centres_(std::move(centres)),
          sums_(centres_.size(0), centres_.size(1)),
          labels_(at::full({points.count()}, -1, at::kLong)),
          upper_(at::full({points.count()}, kInfinity, at::kFloat)),
          lower_(at::zeros({points.count()}, at::kFloat)) {}

    /// Assigns and moves the centres; false once no label changed.
    bool advance() {
        const bool has_changed = assign();
        if (!fill_empty() && !has_changed) return false;
        const at::Tensor moved = sums_.means(centres_);
        const at::Tensor steps = (moved - centres_).square().sum(1).sqrt();  // (K)
        centres_ = moved;
        loosen(steps);
        course_.push_back(inertia_by_sums());
        return true;
    }

    KMeans result(bool is_settled) {
        if (!is_settled) assign();  // to the centres as they are now
        const at::Tensor gaps = squared_gaps(points_, centres_, labels_);
        return {centres_, labels_, gaps.sum(at::kDouble).item<double>(), course_, is_settled};
    }

  private:
    static constexpr float kInfinity = std::numeric_limits<float>::infinity();

    /// Finds the nearest centre of each point that may have got another; tells whether any did.
    bool assign() {
        const at::Tensor before = labels_.clone();
        const at::Tensor doubtful = (upper_ * (1 + kSlack) >= lower_).nonzero().squeeze(1);
        const std::int64_t clusters = centres_.size(0);
        const Points centres(centres_);
        if (2 * doubtful.size(0) > points_.count()) {  // copying those would cost more
            for (const at::Tensor& some :
                 at::arange(points_.count(), at::kLong).split(rows_at_once(clusters))) {
                const auto first = some[0].item<std::int64_t>();
                measure(points_.slice(first, first + some.size(0)), centres, some);
            }
        } else {
            const std::int64_t width = std::max(clusters, centres_.size(1));
            for (const at::Tensor& some : doubtful.split(rows_at_once(width)))
                if (some.size(0) > 0) measure(points_.of(some, memory_), centres, some);
        }
        const at::Tensor changed = (before != labels_).nonzero().squeeze(1);
        move(changed, before.index_select(0, changed), labels_.index_select(0, changed));
        return changed.size(0) > 0;
    }

    /// Sets label and bounds of points, whose numbers these are.
    void measure(const Points& points, const Points& centres, const at::Tensor& numbers) {
        const at::Tensor squared = squared_distances(points, centres);  // (n, K)
        const auto [nearest, labels] = squared.min(1);
        const at::Tensor others = squared.scatter_(1, labels.unsqueeze(1), kInfinity);
        upper_.index_copy_(0, numbers, nearest.sqrt());
        lower_.index_copy_(0, numbers, std::get<0>(others.min(1)).sqrt());
        labels_.index_copy_(0, numbers, labels);
    }

    /// Keeps the sums in step with labels that changed.
    void move(const at::Tensor& changed, const at::Tensor& from, const at::Tensor& to) {
        const std::int64_t at_once = rows_at_once(centres_.size(1));
        for (std::int64_t first = 0; first < changed.size(0); first += at_once) {
            const std::int64_t end = std::min(first + at_once, changed.size(0));
            const at::Tensor rows =
                changed.size(0) == points_.count()
                    ? points_.rows.slice(0, first, end)
                    : copied_rows(points_.rows, changed.slice(0, first, end), memory_);
            wide_.resize_(rows.sizes()).copy_(rows);
            sums_.add(wide_, to.slice(0, first, end), 1);
            const bool had_label = from[first].item<std::int64_t>() >= 0;  // or none had one yet
            if (had_label) sums_.add(wide_, from.slice(0, first, end), -1);
        }
    }

    /// Gives each cluster without points the point farthest from its own centre, if any lies apart
    /// from that; tells whether any did.
    bool fill_empty() {
        const at::Tensor empty = (sums_.sizes < 0.5).nonzero().squeeze(1);
        if (empty.size(0) == 0) return false;
        const at::Tensor gaps = squared_gaps(points_, centres_, labels_);
        const double nothing = kRounding * points_.squared_lengths.max().item<double>();
        bool has_given = false;
        for (std::int64_t i = 0; i < empty.size(0); ++i) {
            const at::Tensor is_alone = sums_.sizes.index_select(0, labels_) < 1.5;
            gaps.masked_fill_(is_alone, -1);  // taking it would leave another cluster empty
            const at::Tensor farthest = gaps.argmax().unsqueeze(0);
            if (gaps[farthest[0].item<std::int64_t>()].item<double>() <= nothing) break;
            gaps.index_fill_(0, farthest, -1);
            const at::Tensor own = empty.slice(0, i, i + 1);
            move(farthest, labels_.index_select(0, farthest), own);
            labels_.index_copy_(0, farthest, own);
            has_given = true;
        }
        upper_.fill_(kInfinity);  // everybody is measured in the next round
        return has_given;
    }

    /// Weakens the bounds by what the centres moved.
    void loosen(const at::Tensor& steps) {
        upper_ += steps.index_select(0, labels_);
        const auto [largest, which] = steps.topk(std::min<std::int64_t>(2, steps.size(0)));
        const at::Tensor second = largest[largest.size(0) - 1];
        const at::Tensor of_others = at::where(labels_ == which[0], second, largest[0]);
        lower_ -= of_others;
    }

    /// By Huygens: squared lengths less those of the means, times their sizes.
    double inertia_by_sums() const {
        const at::Tensor of_means = sums_.vectors.square().sum(1) / sums_.sizes.clamp_min(1);
        const double all = points_.squared_lengths.sum(at::kDouble).item<double>();
        return std::max(0.0, all - of_means.sum().item<double>());
    }

    const Points& points_;
    at::Tensor centres_;  // (K, D) float32
    Sums sums_;
    at::Tensor labels_;                   // (N) int64
    at::Tensor upper_;                    // (N) no more than this is the distance to the own centre
    at::Tensor lower_;                    // (N) no less than this to any other
    at::Tensor memory_ = at::empty({0});  // rows that are copied
    at::Tensor wide_ = at::empty({0}, at::kDouble);  // the same
    std::vector<double> course_;
};

void check(const at::Tensor& points, const KMeansRequest& request) {
    const std::int64_t count = points.size(0);
    if (request.clusters < 1 || request.clusters > count)
        throw InvalidOption(
            "kmeans",
            "clusters",
            "out of range",
            "1 to " + std::to_string(count),
            std::to_string(request.clusters));
    if (request.starts < 1 || request.most_rounds < 1)
        throw InvalidOption("kmeans", "starts and rounds", "expected 1 or more of each");
    if (request.centres &&
        request.centres->sizes() != at::IntArrayRef({request.clusters, points.size(1)}))
        throw InvalidOption(
            "kmeans",
            "centres",
            "wrong shape",
            "(clusters, dimensions of the points)",
            std::to_string(request.centres->size(0)) + " x " +
                std::to_string(request.centres->size(1)));
}

}  // namespace

KMeans kmeans(const at::Tensor& points, const KMeansRequest& request, Progress& progress) {
    check(points, request);
    Points about(points);
    if (!about.squared_lengths.isfinite().all().item<bool>())
        throw InvalidOption("kmeans", "points", "some are not finite, or too large");
    at::Tensor offset = offset_of(about, kFar);
    if (offset.defined())
        about = Points(points - offset);
    else
        offset = at::zeros({points.size(1)});
    const at::Tensor first =
        request.centres ? (*request.centres - offset).unsqueeze(0) : first_centres(about, request);
    const std::int64_t starts = first.size(0);
    KMeans best;
    for (std::int64_t start = 0; start < starts; ++start) {
        Lloyd lloyd(about, first[start]);
        bool goes_on = true;
        for (std::int64_t round = 0; goes_on && round < request.most_rounds; ++round) {
            progress.advance_or_throw({"cluster", start, starts});
            goes_on = lloyd.advance();
        }
        KMeans found = lloyd.result(/*is_settled=*/!goes_on);
        if (start == 0 || found.inertia < best.inertia) best = std::move(found);
    }
    progress.advance_or_throw({"cluster", starts, starts});
    best.centres = best.centres + offset;
    return best;
}

}  // namespace georgia
