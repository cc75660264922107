#pragma once
// Keys and tokens that tell by a prefix whose they are. Facts from the providers' documentation: the prefix,
// the characters behind it, how many.

#include <cstdint>
#include <string_view>
#include <vector>

namespace kt::text {

// Characters of a token's body.
enum class KeySet : unsigned char { alnum, word, hex, upper, dotted, base64 };
inline constexpr std::size_t kKeySets = 6;

struct KeyFormat {
  std::string_view prefix;
  KeySet set;
  std::uint16_t least, most;  // characters behind the prefix
};

// The formats whose prefix begins with `first`, in the table's order.
const std::vector<const KeyFormat*>& key_formats(int first);

}  // namespace kt::text
