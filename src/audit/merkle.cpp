#include "audit/merkle.hpp"

namespace kt::audit {
namespace {

Digest node(Sha256& hash, const Digest& left, const Digest& right) {
  hash.update({"\x01", 1});
  hash.update(view(left));
  hash.update(view(right));
  return hash.finish();
}

}  // namespace

void Merkle::add(Sha256& hash, const Digest& leaf_data) {
  hash.update({"\x00", 1});
  hash.update(view(leaf_data));
  edge_.push_back(hash.finish());
  for (std::uint64_t full = size_++; (full & 1) != 0; full >>= 1) {
    const Digest right = edge_.back();
    edge_.pop_back();
    edge_.back() = node(hash, edge_.back(), right);
  }
}

Digest Merkle::root(Sha256& hash) const {
  if (edge_.empty()) return hash.finish();
  Digest root = edge_.back();
  for (std::size_t i = edge_.size() - 1; i-- > 0;) root = node(hash, edge_[i], root);
  return root;
}

}  // namespace kt::audit
