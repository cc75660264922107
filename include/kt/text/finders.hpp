#pragma once
// Several finders over one text as one.

#include <memory>
#include <vector>

#include "kt/text/window.hpp"

namespace kt::text {

// Of overlapping matches the earliest start counts, then the longest, then the finder added first. A finder's
// kinds are shifted by its offset. Linear when the finders' undecided stretches are bounded.
class Finders : public Finder {
 public:
  void add(std::unique_ptr<Finder> finder, std::uint16_t offset);
  [[nodiscard]] Found next(const Window& window) const override;

 private:
  struct Each {
    std::unique_ptr<Finder> finder;
    std::uint16_t offset;
  };
  // One answer for all of them over the whole of `window`.
  [[nodiscard]] Found ask(const Window& window) const;

  std::vector<Each> finders_;
};

}  // namespace kt::text
