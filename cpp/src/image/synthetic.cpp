#include "georgia/image/synthetic.h"

#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "georgia/base/error.h"

#include "image/micrograph.h"

namespace georgia {
namespace {

constexpr double kPi = std::numbers::pi;

using Outline = std::vector<cv::Point2d>;

/// Where one crystal lies.
struct Pose {
    cv::Point2d centre;
    double angle = 0;
    double scale = 1;  ///< canvas pixels of half its usual length

    /// From crystal axes, in units of scale, to the canvas.
    cv::Point2d at(double along, double across) const {
        const double c = std::cos(angle);
        const double s = std::sin(angle);
        return centre + scale * cv::Point2d(c * along - s * across, s * along + c * across);
    }
};

Pose random_pose(const Micrograph& slide, RandomStream& random, double share_of_side) {
    Pose pose;
    pose.centre = {
        random.uniform(0.02, 0.98) * slide.side(), random.uniform(0.02, 0.98) * slide.side()};
    pose.angle = random.uniform(0, 2 * kPi);
    pose.scale = share_of_side * slide.side() * std::exp(random.uniform(-0.55, 0.45));
    return pose;
}

void draw_needle(Micrograph& slide, RandomStream& random, const Pose& pose) {
    const double half = random.uniform(0.012, 0.038);
    const double taper = random.uniform(0.02, 0.12);
    const double bend = random.uniform(-0.02, 0.02);
    const Outline outline{
        pose.at(-1, 0),
        pose.at(-1 + taper, half),
        pose.at(0, half + bend),
        pose.at(1 - taper, half),
        pose.at(1, 0),
        pose.at(1 - taper, -half),
        pose.at(0, bend - half),
        pose.at(-1 + taper, -half)};
    slide.stamp(outline, {random.uniform(-0.02, 0.16), random.uniform(1.2, 2.4), 1.3, 0.9});
}

void draw_needles(Micrograph& slide, RandomStream& random) {
    for (auto bundles = 3 + random.below(6); bundles > 0; --bundles) {
        const Pose bundle = random_pose(slide, random, 0.24);
        for (auto needles = 1 + random.below(6); needles > 0; --needles) {
            Pose pose = bundle;
            pose.centre += slide.side() * 0.05 * cv::Point2d(random.normal(), random.normal());
            pose.angle += 0.35 * random.normal();
            pose.scale *= random.uniform(0.6, 1.2);
            draw_needle(slide, random, pose);
        }
    }
}

/// Thin and flat: weak edges, and growth steps that repeat the outline inside.
void draw_plate(Micrograph& slide, RandomStream& random, const Pose& pose) {
    const double width = random.uniform(0.5, 0.85);
    const double cut = random.uniform(0.12, 0.5);
    const Outline shape{
        {-1, -width * (1 - cut)},
        {-1 + cut, -width},
        {1 - cut, -width},
        {1, -width * (1 - cut)},
        {1, width * (1 - cut)},
        {1 - cut, width},
        {-1 + cut, width},
        {-1, width * (1 - cut)}};
    const auto scaled = [&](double factor, double shift) {
        Outline outline;
        for (const cv::Point2d& p : shape)
            outline.push_back(pose.at(factor * p.x + shift, factor * p.y + shift));
        return outline;
    };
    slide.stamp(scaled(1, 0), {random.uniform(-0.02, 0.14), random.uniform(1.3, 2.2), 1.6, 1});
    for (auto steps = random.below(4); steps > 0; --steps)
        slide.stamp(
            scaled(random.uniform(0.3, 0.85), random.uniform(-0.08, 0.08)),
            {random.uniform(-0.02, 0.03), random.uniform(0.3, 0.7), 0.4, 0.9});
}

/// Thick: a tilted rhombohedron that shows three faces of different brightness.
void draw_rhomb(Micrograph& slide, RandomStream& random, const Pose& pose) {
    const double lean = random.uniform(0.25, 0.6);
    const double height = random.uniform(0.55, 0.9);
    const double depth_x = random.uniform(0.15, 0.4);
    const double depth_y = random.uniform(0.2, 0.45);
    const std::array<cv::Point2d, 4> top{
        {{-1, -height}, {1 - lean, -height}, {1, height}, {lean - 1, height}}};
    const auto corner = [&](std::size_t i, double depth) {
        return pose.at(0.8 * (top[i].x + depth * depth_x), 0.8 * (top[i].y + depth * depth_y));
    };
    const double bright = random.uniform(0.02, 0.14);
    slide.stamp(
        {corner(0, 0), corner(1, 0), corner(1, 1), corner(2, 1), corner(3, 1), corner(3, 0)},
        {-0.12, random.uniform(1.8, 3), 2.4, 1.2});
    slide.stamp({corner(1, 0), corner(1, 1), corner(2, 1), corner(2, 0)}, {-0.1, 0.5, 0.8, 0.9});
    slide.stamp(
        {corner(0, 0), corner(1, 0), corner(2, 0), corner(3, 0)}, {0.12 + bright, 0.8, 0.7, 0.9});
}

/// Fibres from a common centre, ragged at the edge, with the dark cross of polarised light.
void draw_spherulite(Micrograph& slide, RandomStream& random, const Pose& pose) {
    const double radius = 0.8 * pose.scale;
    const int half = static_cast<int>(1.25 * radius) + 8;
    cv::Mat1b density(2 * half, 2 * half, std::uint8_t{0});
    const cv::Point centre(half * 16, half * 16);
    const double cross = random.uniform(0, 0.6);
    const double cross_angle = random.uniform(0, kPi / 2);
    const int fibres = static_cast<int>(2.6 * radius) + 40;
    for (int i = 0; i < fibres; ++i) {
        const double angle = 2 * kPi * (i + random.uniform(-0.8, 0.8)) / fibres;
        const double reach = 16 * radius * random.uniform(0.72, 1.06);
        const double dark = cross * std::pow(std::cos(2 * (angle - cross_angle)), 8);
        const double brightness = random.uniform(70, 255) * (1 - dark);
        const cv::Point tip(
            centre.x + cvRound(reach * std::cos(angle)),
            centre.y + cvRound(reach * std::sin(angle)));
        cv::line(density, centre, tip, cv::Scalar(brightness), 2, cv::LINE_AA, 4);
    }
    const cv::Point corner(
        static_cast<int>(pose.centre.x) - half, static_cast<int>(pose.centre.y) - half);
    slide.stamp(density, corner, {random.uniform(-0.2, 0.1), random.uniform(2, 3.4), 2.4, 0.9});
}

using Draw = void (*)(Micrograph&, RandomStream&, const Pose&);

void draw_several(
    Micrograph& slide, RandomStream& random, Draw draw, unsigned least, unsigned most) {
    const double share = random.uniform(0.09, 0.16);
    for (auto left = least + random.below(most - least + 1); left > 0; --left)
        draw(slide, random, random_pose(slide, random, share));
}

/// Splinters that belong to no habit.
void draw_fragments(Micrograph& slide, RandomStream& random) {
    for (auto left = random.below(9); left > 0; --left) {
        const Pose pose = random_pose(slide, random, 0.018);
        Outline outline;
        for (int i = 0; i < 5; ++i) {
            const double angle = 2 * kPi * (i + random.uniform(0, 0.8)) / 5;
            const double reach = random.uniform(0.4, 1.3);
            outline.push_back(pose.at(reach * std::cos(angle), reach * std::sin(angle)));
        }
        slide.stamp(outline, {random.uniform(-0.1, 0.1), 1.4, 1.3, 0.9});
    }
}

void draw_habit(std::int64_t label, Micrograph& slide, RandomStream& random) {
    switch (label) {
        case 0:
            return draw_needles(slide, random);
        case 1:
            return draw_several(slide, random, draw_plate, 4, 11);
        case 2:
            return draw_several(slide, random, draw_rhomb, 3, 9);
        default:
            return draw_several(slide, random, draw_spherulite, 2, 6);
    }
}

}  // namespace

std::vector<std::string> crystal_classes() {
    return {"needles", "plates", "rhombs", "spherulites"};
}

Image draw_crystals(std::int64_t label, int size, std::uint64_t seed, std::uint32_t item) {
    if (label < 0 || label > 3)
        throw InvalidOption("synthetic", "label", "unknown", "0 to 3", std::to_string(label));
    if (size < 32 || size > 4096)
        throw InvalidOption(
            "synthetic", "size", "out of range", "32 to 4096 pixels", std::to_string(size));
    RandomStream random({seed, static_cast<std::uint32_t>(label), item, Purpose::kSynthetic});
    Micrograph slide(size, random);
    draw_fragments(slide, random);
    draw_habit(label, slide, random);
    slide.litter();
    return slide.develop();
}

}  // namespace georgia
