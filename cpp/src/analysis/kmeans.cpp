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

constexpr double kSlack = 1e-4;       // of a bound: what rounding in float32 may do to a distance
constexpr double kRounding = 1e-12;   // of the largest squared length, in a squared difference
constexpr std::int64_t kRows = 1024;  // at once, where rows are copied

/// Points about their mean, so that squared distances lose little to rounding.
struct Points {
    at::Tensor rows;             // (N, D)
    at::Tensor squared_lengths;  // (N)

    explicit Points(const at::Tensor& centred)
        : rows(centred), squared_lengths(squared_lengths_of(centred)) {}

    std::int64_t count() const {
        return rows.size(0);
    }

    /// Squared distances (K, N) of centres to all points.
    at::Tensor squared_from(const at::Tensor& centres) const {
        return squared_distances(centres, rows, squared_lengths);
    }

    /// The same (K, n) to points of these numbers, copied a few at a time.
    at::Tensor squared_from(const at::Tensor& centres, const at::Tensor& numbers) const {
        std::vector<at::Tensor> squared;
        for (const at::Tensor& some : numbers.split(kRows))
            squared.push_back(squared_distances(
                centres, rows.index_select(0, some), squared_lengths.index_select(0, some)));
        return squared.empty() ? at::empty({centres.size(0), 0}) : at::cat(squared, 1);
    }

    /// Squared distances (N), by differences, to the centre of each one's label.
    at::Tensor squared_gaps(const at::Tensor& centres, const at::Tensor& labels) const {
        std::vector<at::Tensor> gaps;
        for (std::int64_t first = 0; first < count(); first += kRows) {
            const std::int64_t end = std::min(first + kRows, count());
            const at::Tensor own = centres.index_select(0, labels.slice(0, first, end));
            gaps.push_back((rows.slice(0, first, end) - own).square_().sum(1));
        }
        return at::cat(gaps);
    }
};

/// Sums (K, D) float64 and sizes (K) float64 of clusters.
struct Sums {
    at::Tensor vectors;
    at::Tensor sizes;

    Sums(std::int64_t clusters, std::int64_t dimensions)
        : vectors(at::zeros({clusters, dimensions}, at::kDouble)),
          sizes(at::zeros({clusters}, at::kDouble)) {}

    /// Adds rows (n, D), each to the cluster of its label, or takes them away.
    void add(const at::Tensor& rows, const at::Tensor& labels, double sign) {
        const at::Tensor members = at::one_hot(labels, sizes.size(0)).to(at::kFloat);  // (n, K)
        vectors.add_(at::matmul(members.t(), rows).to(at::kDouble), sign);
        sizes.add_(members.sum(at::IntArrayRef{0}).to(at::kDouble), sign);
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
    std::vector<at::Tensor> chosen{at::tensor(firsts)};                                // (S) each
    at::Tensor squared = points.squared_from(points.rows.index_select(0, chosen[0]));  // (S, N)
    while (static_cast<std::int64_t>(chosen.size()) < request.clusters) {
        const at::Tensor offered =
            drawn_by_weight(squared.cumsum(1, at::kDouble), randoms, candidates);
        const at::Tensor left = at::minimum(
            points.squared_from(points.rows.index_select(0, offered.flatten()))
                .view({starts, candidates, points.count()}),
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
        const bool has_changed = assign().size(0) > 0;
        if (!fill_empty() && !has_changed) return false;
        const at::Tensor moved = sums_.means(centres_);
        const at::Tensor steps = (moved - centres_).square().sum(1).sqrt();  // (K)
        centres_ = moved;
        loosen(steps);
        course_.push_back(inertia_by_sums());
        return true;
    }

    KMeans result(bool is_settled) const {
        const at::Tensor gaps = points_.squared_gaps(centres_, labels_);
        return {centres_, labels_, gaps.sum(at::kDouble).item<double>(), course_, is_settled};
    }

  private:
    static constexpr float kInfinity = std::numeric_limits<float>::infinity();

    /// Finds the nearest centre of each point that may have got another; returns those that did.
    at::Tensor assign() {
        at::Tensor doubtful = (upper_ * (1 + kSlack) >= lower_).nonzero().squeeze(1);  // (n)
        const bool is_all = 2 * doubtful.size(0) > points_.count();  // copying would cost more
        if (is_all) doubtful = at::arange(points_.count(), at::kLong);
        const at::Tensor squared =
            is_all ? points_.squared_from(centres_) : points_.squared_from(centres_, doubtful);
        const auto [nearest, labels] = squared.min(0);
        const at::Tensor others = squared.scatter(0, labels.unsqueeze(0), kInfinity);
        const at::Tensor before = labels_.index_select(0, doubtful);
        upper_.index_copy_(0, doubtful, nearest.sqrt());
        lower_.index_copy_(0, doubtful, std::get<0>(others.min(0)).sqrt());
        labels_.index_copy_(0, doubtful, labels);
        const at::Tensor places = (before != labels).nonzero().squeeze(1);
        const at::Tensor changed = doubtful.index_select(0, places);
        move(changed, before.index_select(0, places), labels.index_select(0, places));
        return changed;
    }

    /// Keeps the sums in step with labels that changed.
    void move(const at::Tensor& changed, const at::Tensor& from, const at::Tensor& to) {
        if (changed.size(0) == 0) return;
        const bool is_first = from[0].item<std::int64_t>() < 0;  // all points have no label yet
        if (is_first) return sums_.add(points_.rows, to, 1);
        for (std::int64_t first = 0; first < changed.size(0); first += kRows) {
            const std::int64_t end = std::min(first + kRows, changed.size(0));
            const at::Tensor rows = points_.rows.index_select(0, changed.slice(0, first, end));
            sums_.add(rows, to.slice(0, first, end), 1);
            sums_.add(rows, from.slice(0, first, end), -1);
        }
    }

    /// Gives each cluster without points the point farthest from its own centre, if any lies apart
    /// from that; tells whether any did.
    bool fill_empty() {
        const at::Tensor empty = (sums_.sizes < 0.5).nonzero().squeeze(1);
        if (empty.size(0) == 0) return false;
        const at::Tensor gaps = points_.squared_gaps(centres_, labels_);
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
    at::Tensor labels_;  // (N) int64
    at::Tensor upper_;   // (N) no more than this is the distance to the own centre
    at::Tensor lower_;   // (N) no less than this to any other
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
    const at::Tensor mean = mean_of(points);
    if (!mean.isfinite().all().item<bool>())
        throw InvalidOption("kmeans", "points", "some are not finite, or too large");
    const Points centred(points - mean);
    const at::Tensor first =
        request.centres ? (*request.centres - mean).unsqueeze(0) : first_centres(centred, request);
    const std::int64_t starts = first.size(0);
    KMeans best;
    for (std::int64_t start = 0; start < starts; ++start) {
        Lloyd lloyd(centred, first[start]);
        bool goes_on = true;
        for (std::int64_t round = 0; goes_on && round < request.most_rounds; ++round) {
            progress.advance_or_throw({"cluster", start, starts});
            goes_on = lloyd.advance();
        }
        KMeans found = lloyd.result(/*is_settled=*/!goes_on);
        if (start == 0 || found.inertia < best.inertia) best = std::move(found);
    }
    progress.advance_or_throw({"cluster", starts, starts});
    best.centres = best.centres + mean;
    return best;
}

}  // namespace georgia
