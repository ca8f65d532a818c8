#include "train/run_files.h"

#include <utility>

namespace georgia {

RunFiles::RunFiles(const std::filesystem::path& folder, std::vector<std::string> classes)
    : lock_(folder),
      classes_(std::move(classes)),
      checkpoint_(folder / "checkpoint.safetensors"),
      previous_(folder / "checkpoint.previous.safetensors"),
      model_(folder / "model.safetensors"),
      next_model_(folder / "model.safetensors.next"),
      history_(folder / "history.csv") {}

std::optional<Checkpoint> RunFiles::open() {
    if (!std::filesystem::exists(checkpoint_)) return std::nullopt;
    Checkpoint checkpoint = read_checkpoint(checkpoint_);
    if (std::filesystem::exists(next_model_)) {
        if (sha256_file(next_model_) == checkpoint.best.sha256)
            rename_file(next_model_, model_);
        else
            std::filesystem::remove(next_model_);
    }
    write_file(history_, history_csv(checkpoint.history, classes_));
    return checkpoint;
}

void RunFiles::write(Checkpoint& checkpoint, const ModelFile* new_best) {
    if (new_best != nullptr) checkpoint.best.sha256 = write_model(next_model_, *new_best);
    if (std::filesystem::exists(checkpoint_)) keep_file(checkpoint_, previous_);
    write_checkpoint(checkpoint_, checkpoint);
    if (new_best != nullptr) rename_file(next_model_, model_);
    write_file(history_, history_csv(checkpoint.history, classes_));
}

}  // namespace georgia
