#pragma once
// What a folded text has of the forms that attacks take: signals beside the linear score.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "kt/text/scorer.hpp"

namespace kt::policy {

enum class Signal : std::uint8_t {
  chat_template,         // tokens of chat templates: <|im_start|>, [INST], <<SYS>>, ### System
  fake_role,             // a line that speaks as the system, the developer or the administrator
  delimiter,             // closes a container the text did not open, or announces the end of the input
  instruction_override,  // to ignore, with previous or all, and instructions
  prompt_extraction,     // to reveal, with your or previous, and prompt, instructions or secrets
  persona,               // another self, a mode, or life without limits
  limits,                // to ignore limits, filters, policies
  many_shot,             // eight and more turns of a made-up conversation
  exfiltration,          // an image or link that carries data away; to send to an address
  addressed,             // speaks to the assistant and tells it to do something
  disguised,             // hidden or look-alike characters were undone
};
inline constexpr std::size_t kSignals = 11;
std::string_view name_of(Signal signal);

using Signals = std::array<bool, kSignals>;

struct SignalOptions {
  bool delimiters = true, boundaries = true;
};

// Reads signals from text and the words of the model's lexicon in it. Immutable. Linear.
class SignalReader {
 public:
  SignalReader(const text::Lexicon& lexicon, SignalOptions options);
  [[nodiscard]] Signals read(std::string_view folded, const std::vector<text::ClassHit>& hits) const;

 private:
  void read_marks(std::string_view folded, Signals& found) const;
  void read_words(const std::vector<text::ClassHit>& hits, Signals& found) const;

  SignalOptions options_;
  std::array<std::uint32_t, 256> bit_of_{};  // by class
};

}  // namespace kt::policy
