#pragma once
// Decoders of whole texts: each returns what it found decoded, or nothing. Linear.

#include <string>
#include <string_view>

namespace kt::text {

// The base64 runs of at least 16 characters that decode to text, one a line. Line breaks inside a run are
// fine.
std::string decode_base64_runs(std::string_view text);

// Runs of at least eight bytes in hexadecimal (4a6b, 4a 6b, \x4a\x6b, 0x4a 0x6b) that decode to text.
std::string decode_hex_runs(std::string_view text);

struct Unescaped {
  std::string text;  // the whole text with its escapes undone; empty: fewer than three letters were escaped
  std::string_view name;  // percent, html or escape: the kind that occurred most
};
Unescaped decode_escapes(std::string_view text);

// Views over folded text; empty when it has nothing of the kind.
std::string join_spaced_letters(std::string_view folded);
std::string undo_leet(std::string_view folded);
std::string undo_rot13(std::string_view folded);
struct Reversed {
  std::string whole, words;  // read from the end; each word read from its end
};
Reversed undo_reversal(std::string_view folded);

}  // namespace kt::text
