#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "georgia/base/files.h"
#include "georgia/engine/model_file.h"
#include "georgia/train/checkpoint.h"

namespace georgia {

/// The files of a run's folder, and the order in which they are written.
///
/// Note [Order of writing a checkpoint]: model.safetensors.next, then the checkpoint, which holds
/// the history and the best model's SHA-256, then the rename to model.safetensors, then
/// history.csv. Whatever moment the machine stops at, the checkpoint alone says which model is
/// the best: opening renames a .next that it names and removes any other. The checkpoint before the
/// last is kept as checkpoint.previous.safetensors, once the last is whole.
class RunFiles {
  public:
    RunFiles(const std::filesystem::path& folder, std::vector<std::string> classes);

    /// The last checkpoint, with the model file and history.csv brought in line; none in a new run.
    std::optional<Checkpoint> open();

    /// Writes the checkpoint, and first, where there is a new best model, that model; its hash
    /// goes into checkpoint.best.
    void write(Checkpoint& checkpoint, const ModelFile* new_best);

  private:
    void remove_leftovers() const;

    FolderLock lock_;
    std::vector<std::string> classes_;
    std::filesystem::path checkpoint_;
    std::filesystem::path next_checkpoint_;
    std::filesystem::path previous_;
    std::filesystem::path model_;
    std::filesystem::path next_model_;
    std::filesystem::path history_;
};

}  // namespace georgia
