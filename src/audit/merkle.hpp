#pragma once
// The Merkle tree hash of RFC 6962 section 2.1, grown leaf by leaf in memory of its depth.

#include <cstdint>
#include <vector>

#include "kt/base/hash.hpp"

namespace kt::audit {

class Merkle {
 public:
  void add(Sha256& hash, const Digest& leaf_data);
  [[nodiscard]] Digest root(Sha256& hash) const;  // of no leaves: SHA-256 of nothing
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> edge_;  // roots of the full subtrees, the largest first
};

}  // namespace kt::audit
