#include "train/run_files.h"

#include <utility>

#include "georgia/base/error.h"

namespace georgia {
namespace {

/// Whether a model's file is the one that training wrote under that hash, or that one with what
/// was found out about it later.
bool is_model_of(const std::filesystem::path& path, const std::string& hash) {
    return std::filesystem::exists(path) &&
           (sha256_file(path) == hash || trained_hash(path) == hash);
}

}  // namespace

RunFiles::RunFiles(const std::filesystem::path& folder, std::vector<std::string> classes)
    : lock_(folder),
      classes_(std::move(classes)),
      checkpoint_(folder / "checkpoint.safetensors"),
      next_checkpoint_(folder / "checkpoint.safetensors.next"),
      previous_(folder / kPreviousCheckpoint),
      model_(folder / "model.safetensors"),
      next_model_(folder / "model.safetensors.next"),
      history_(folder / "history.csv") {}

std::optional<Checkpoint> RunFiles::open() {
    if (!std::filesystem::exists(checkpoint_)) {
        remove_leftovers();
        return std::nullopt;
    }
    Checkpoint checkpoint = read_checkpoint(checkpoint_);
    if (std::filesystem::exists(next_model_) && sha256_file(next_model_) == checkpoint.best.sha256)
        rename_file(next_model_, model_);
    remove_leftovers();
    if (checkpoint.best.epoch > 0 && !is_model_of(model_, checkpoint.best.sha256)) {
        if (checkpoint.is_over())
            throw BadInput(
                "resume",
                model_.string(),
                std::filesystem::exists(model_) ? "not the best model that the checkpoint names"
                                                : "missing");
        checkpoint.best = {};  // as after going back to the checkpoint before the last
    }
    write_file(history_, history_csv(checkpoint.history, classes_));
    return checkpoint;
}

/// What a write that was killed leaves: whole files that got no name, and temporary ones, whose
/// names are those of the files with a dot and six characters more.
void RunFiles::remove_leftovers() const {
    constexpr std::size_t kSuffix = 7;
    std::vector<std::filesystem::path> found{next_model_, next_checkpoint_};
    for (const auto& entry : std::filesystem::directory_iterator(checkpoint_.parent_path()))
        for (const auto& path : {next_model_, next_checkpoint_, history_}) {
            const std::string name = entry.path().filename().string();
            const std::string own = path.filename().string() + ".";
            if (name.starts_with(own) && name.size() == own.size() + kSuffix - 1)
                found.push_back(entry.path());
        }
    std::error_code ignored;  // what cannot go is no harm yet; writing tells of it
    for (const auto& path : found) std::filesystem::remove(path, ignored);
}

void RunFiles::write(Checkpoint& checkpoint, const ModelFile* new_best) {
    if (new_best != nullptr) checkpoint.best.sha256 = write_model(next_model_, *new_best);
    write_checkpoint(next_checkpoint_, checkpoint);
    try {
        if (std::filesystem::exists(checkpoint_)) keep_file(checkpoint_, previous_);
    } catch (const IoError&) {
        // The new one is whole; that no second one can be kept is no reason to lose it.
    }
    rename_file(next_checkpoint_, checkpoint_);
    if (new_best != nullptr) rename_file(next_model_, model_);
    write_file(history_, history_csv(checkpoint.history, classes_));
}

}  // namespace georgia
