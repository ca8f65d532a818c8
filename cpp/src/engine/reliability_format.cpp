#include "engine/reliability_format.h"

#include <ATen/ATen.h>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "georgia/base/error.h"

#include "nn/options_json.h"

namespace georgia {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kAny = -1;

std::string full_name(std::string_view name) {
    return std::string(kOwnTensors) + "outliers." + std::string(name);
}

Json header_of(const Refusal& refusal) {
    const OutlierModel& model = refusal.model;
    return {
        {"thresholds", refusal.thresholds},
        {"within_rest", model.within.rest},
        {"total_rest", model.total.rest},
        {"residual_scale", model.residual_scale},
        {"neighbours", model.neighbours}};
}

void require(bool is_so, std::string_view subject, std::string_view name) {
    if (!is_so)
        throw BadInput(
            "load", subject, full_name(name) + ": missing, or not of the right shape and range");
}

void require_shape(
    const at::Tensor& tensor,
    const std::vector<std::int64_t>& shape,
    std::string_view subject,
    std::string_view name) {
    bool is_so = tensor.scalar_type() == at::kFloat && tensor.isfinite().all().item<bool>() &&
                 tensor.dim() == static_cast<std::int64_t>(shape.size()) && tensor.numel() > 0;
    for (std::size_t i = 0; is_so && i < shape.size(); ++i)
        is_so = shape[i] == kAny || tensor.size(static_cast<std::int64_t>(i)) == shape[i];
    require(is_so, subject, name);
}

Refusal refusal_of(
    const Json& header,
    const TensorMap& tensors,
    std::int64_t classes,
    std::int64_t features,
    std::string_view subject) {
    Refusal refusal;
    OutlierModel& model = refusal.model;
    refusal.thresholds = header.at("thresholds").get<std::array<double, kOutlierScores>>();
    model.within.rest = header.at("within_rest");
    model.total.rest = header.at("total_rest");
    model.residual_scale = header.at("residual_scale");
    model.neighbours = header.at("neighbours");
    for_each_tensor(model, [&](const char* name, at::Tensor& tensor) {
        const auto found = tensors.find(full_name(name));
        require(found != tensors.end(), subject, name);
        tensor = found->second;
    });
    require_shape(model.mean, {features}, subject, "mean");
    require_shape(model.class_means, {classes, features}, subject, "class_means");
    require_shape(model.within.basis, {features, kAny}, subject, "within.basis");
    require_shape(
        model.within.variances, {model.within.basis.size(1)}, subject, "within.variances");
    require_shape(model.total.basis, {features, kAny}, subject, "total.basis");
    require_shape(model.total.variances, {model.total.basis.size(1)}, subject, "total.variances");
    require_shape(model.points, {kAny, features}, subject, "points");
    const auto is_positive = [](double value) { return std::isfinite(value) && value > 0; };
    for (const auto& [part, name] :
         {std::pair{&model.within, "within"}, std::pair{&model.total, "total"}})
        require(is_positive(part->rest) && (part->variances > 0).all().item<bool>(), subject, name);
    require(std::isfinite(model.residual_scale), subject, "residual_scale");
    for (const double threshold : refusal.thresholds)
        require(std::isfinite(threshold), subject, "thresholds");
    require(
        model.neighbours >= 1 && model.neighbours <= model.points.size(0), subject, "neighbours");
    return refusal;
}

Json header_of(const Conformal& conformal) {
    return {{"options", options_to_json(conformal.options)}, {"thresholds", conformal.thresholds}};
}

Conformal conformal_of(const Json& header, std::int64_t classes, std::string_view subject) {
    Conformal conformal;
    options_from_json(header.at("options"), conformal.options);
    conformal.options.validate();
    conformal.thresholds = header.at("thresholds").get<std::vector<double>>();
    const std::int64_t wanted = conformal.options.kind == ConformalKind::kByClass ? classes : 1;
    require(
        static_cast<std::int64_t>(conformal.thresholds.size()) == wanted, subject, "thresholds");
    return conformal;
}

}  // namespace

Json header_of(const Reliability& reliability) {
    const Temperature& temperature = reliability.temperature;
    Json header{
        {"temperature",
         {{"value", temperature.value},
          {"log_loss_before", temperature.log_loss_before},
          {"log_loss_after", temperature.log_loss_after},
          {"is_bounded", temperature.is_bounded}}},
        {"sets", Json::array()},
        {"facts", Json::parse(reliability.facts)},
        {"trained", reliability.trained}};
    if (reliability.refusal) header["refusal"] = header_of(*reliability.refusal);
    for (const Conformal& conformal : reliability.sets)
        header["sets"].push_back(header_of(conformal));
    return header;
}

void add_tensors(const Reliability& reliability, TensorMap& tensors) {
    if (!reliability.refusal) return;
    for_each_tensor(reliability.refusal->model, [&](const char* name, const at::Tensor& tensor) {
        tensors[full_name(name)] = tensor;
    });
}

Reliability reliability_of(
    const Json& header,
    const TensorMap& tensors,
    std::int64_t classes,
    std::int64_t features,
    std::string_view subject) {
    Reliability found;
    const Json& temperature = header.at("temperature");
    found.temperature.value = temperature.at("value");
    found.temperature.log_loss_before = temperature.at("log_loss_before");
    found.temperature.log_loss_after = temperature.at("log_loss_after");
    found.temperature.is_bounded = temperature.at("is_bounded");
    if (!std::isfinite(found.temperature.value) || found.temperature.value <= 0)
        throw BadInput("load", subject, "damaged metadata: a temperature that is not positive");
    if (header.contains("refusal"))
        found.refusal = refusal_of(header.at("refusal"), tensors, classes, features, subject);
    for (const Json& set : header.at("sets"))
        found.sets.push_back(conformal_of(set, classes, subject));
    if (!header.at("facts").is_object())
        throw BadInput("load", subject, "damaged metadata: facts of the calibration");
    found.facts = header.at("facts").dump();
    found.trained = header.at("trained");
    return found;
}

}  // namespace georgia
