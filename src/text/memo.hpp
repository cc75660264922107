#pragma once
// What one walk over a text has read already. Many recognisers look at the same bytes; the second look is
// free. Speed only: no answer depends on it.

#include "text/context.hpp"
#include "text/digit_groups.hpp"
#include "text/key_formats.hpp"

namespace kt::text {

// A stretch of bytes of one kind.
struct RunMemo {
  std::size_t begin = 0, end = 0;
};

struct Memo {
  ContextMemo context;
  GroupsMemo groups;
  std::array<RunMemo, kKeySets> key;   // a provider's token
  RunMemo head, claims;                // of a JSON web token
  RunMemo pairs, key_value, password;  // of a connection string; behind labels
};

// Behind the bytes from i on that `fits` takes, at most `most` + 1 of them. `fits` is always the same for
// one memo.
template <class Fits>
std::size_t run_end(Reader& reader, RunMemo& memo, std::size_t i, std::size_t most, Fits fits) {
  if (i < memo.begin || i >= memo.end) memo = {i, i};
  const std::size_t size = reader.text.size(), limit = i + most + 1;
  while (memo.end < size && memo.end < limit && fits(static_cast<unsigned char>(reader.text[memo.end])))
    ++memo.end;
  if (memo.end >= limit) return limit;
  reader.at(memo.end);
  return memo.end;
}

}  // namespace kt::text
