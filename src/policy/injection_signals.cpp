#include "policy/injection_signals.hpp"

#include <algorithm>

namespace kt::policy {
namespace {

constexpr std::string_view kNames[kSignals] = {
    "chat_template",     "fake_role", "delimiter", "instruction_override",
    "prompt_extraction", "persona",   "limits",    "many_shot",
    "exfiltration",      "addressed", "disguised"};

// The classes of the lexicon that signals are made of, each a bit.
enum Bit : std::uint32_t {
  kOverride = 1,
  kPrevious = 2,
  kAll = 4,
  kInstruction = 8,
  kPrompt = 16,
  kReveal = 32,
  kYou = 64,
  kRole = 128,
  kPersona = 256,
  kLimit = 512,
  kWithout = 1024,
  kAssistant = 2048,
  kSecret = 4096,
  kMust = 8192,
  kMode = 16384,
  kSend = 32768,
  kUrl = 65536,
  kSay = 131072,
  kNow = 262144
};
constexpr std::pair<std::string_view, Bit> kClasses[] = {
    {"override", kOverride}, {"previous", kPrevious}, {"all", kAll},         {"instruction", kInstruction},
    {"prompt", kPrompt},     {"reveal", kReveal},     {"you", kYou},         {"role", kRole},
    {"persona", kPersona},   {"limit", kLimit},       {"without", kWithout}, {"assistant", kAssistant},
    {"secret", kSecret},     {"must", kMust},         {"mode", kMode},       {"send", kSend},
    {"url", kUrl},           {"say", kSay},           {"now", kNow}};

// Every bit of `all`, and of each group at least one, within `reach` words.
struct Rule {
  Signal signal;
  std::uint32_t reach;
  std::uint32_t all;
  std::uint32_t any = ~0U, any_too = ~0U;
};
constexpr Rule kRules[] = {
    {Signal::instruction_override, 8, kOverride, kPrevious | kAll | kYou, kInstruction | kPrompt},
    {Signal::instruction_override, 5, kOverride | kAll | kPrevious},
    {Signal::prompt_extraction, 8, kReveal, kYou | kPrevious | kSecret, kPrompt | kInstruction},
    {Signal::persona, 10, kWithout | kLimit, kYou | kAssistant | kRole, kAssistant | kRole | kNow | kSay},
    {Signal::persona, 10, kPersona, kRole | kYou | kAssistant},
    {Signal::persona, 6, kMode, kYou | kNow, kRole | kNow | kAssistant},
    {Signal::limits, 6, kOverride | kLimit},
    {Signal::exfiltration, 10, kSend | kUrl},
    {Signal::addressed, 8, kAssistant, kMust | kOverride | kSay | kReveal | kSend},
};
constexpr std::uint32_t kFarthest = 10;

bool holds(const Rule& rule, std::uint32_t seen) {
  return (seen & rule.all) == rule.all && (seen & rule.any) != 0 && (seen & rule.any_too) != 0;
}

// What texts can begin with. The pairs of characters there are rule out nearly every text before the list is
// looked at, runs of one mark too.
template <std::size_t N>
struct Beginnings {
  static constexpr std::size_t kPairs = 3;  // characters 0 and 1, 1 and 2, 2 and 3
  std::array<std::string_view, N> list{};
  std::array<std::array<bool, 1024>, kPairs> pairs{};

  static constexpr std::size_t pair(char a, char b) {
    return (static_cast<std::size_t>(a) & 31) * 32 + (static_cast<std::size_t>(b) & 31);
  }
  [[nodiscard]] bool of(std::string_view text) const {
    for (std::size_t i = 0; i < kPairs && i + 1 < text.size(); ++i) {
      if (!pairs[i][pair(text[i], text[i + 1])]) return false;
    }
    return std::any_of(list.begin(), list.end(),
                       [&](std::string_view each) { return text.starts_with(each); });
  }
};

template <std::size_t N>
constexpr Beginnings<N> beginnings(const std::string_view (&list)[N]) {
  Beginnings<N> made;
  for (std::size_t i = 0; i < N; ++i) {
    const std::string_view each = made.list[i] = list[i];
    for (std::size_t at = 0; at < made.kPairs; ++at) {
      for (char next = 0; next < 32; ++next) {
        const bool open = at + 1 >= each.size();  // the text goes on as it likes
        const bool fits = open || next == (each[at + 1] & 31);
        for (char c = 0; c < 32; ++c) {
          if (fits && (at >= each.size() || c == (each[at] & 31))) made.pairs[at][made.pair(c, next)] = true;
        }
      }
    }
  }
  return made;
}

constexpr auto kTemplates = beginnings({"<|im_start|>",
                                        "<|im_end|>",
                                        "<|im_sep|>",
                                        "<|system|>",
                                        "<|user|>",
                                        "<|assistant|>",
                                        "<|endoftext|>",
                                        "<|eot_id|>",
                                        "<|end|>",
                                        "<|start_header_id|>",
                                        "<|begin_of_text|>",
                                        "<start_of_turn>",
                                        "<end_of_turn>",
                                        "<<sys>>",
                                        "<</sys>>",
                                        "<system>",
                                        "</system>",
                                        "<system_prompt>",
                                        "[inst]",
                                        "[/inst]",
                                        "[system]",
                                        "[/system]",
                                        "[system message]",
                                        "[system prompt]",
                                        "[admin]",
                                        "[system override]",
                                        "### system",
                                        "###system",
                                        "### new instruction",
                                        "### assistant",
                                        "### developer"});
constexpr auto kClosings = beginnings({"</user", "</input", "</document", "</context", "</text", "</prompt",
                                       "</instruction", "</query", "</data", "</message", "]]>"});
constexpr auto kSystemRoles =
    beginnings({"system:", "system prompt:", "system message:", "system override:", "developer:", "admin:",
                "administrator:", "root:", "system notice:"});
constexpr auto kTurns = beginnings({"user:", "human:", "assistant:", "ai:", "q:", "a:", "bot:", "chatgpt:"});
constexpr auto kBounds =
    beginnings({"end of ", "end user", "end input", "end prompt", "end system", "end text", "end document",
                "begin new", "begin system", "start of new", "new instruction", "new system", "stop here"});
constexpr unsigned kManyTurns = 8;

constexpr auto kMarks = [] {
  std::array<bool, 256> table{};
  for (const unsigned char c : std::string_view(" #*=-_[<>`\"'|+~(")) table[c] = true;
  return table;
}();

// Past blanks and marks, at most 12 of them.
std::string_view past_marks(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && at < 12 && kMarks[static_cast<unsigned char>(text[at])]) ++at;
  return text.substr(at);
}

// The address of an image, "](http...": it has a query or a place to fill in.
bool carries_data(std::string_view address) {
  const std::size_t end = address.substr(0, 512).find_first_of(")?{<[", 2);
  return end != std::string_view::npos && address[end] != ')';
}

constexpr auto kTrigger = [] {
  std::array<bool, 256> table{};
  for (const unsigned char c : std::string_view("<[#!=\n]-*\"`")) table[c] = true;
  return table;
}();

}  // namespace

std::string_view name_of(Signal signal) { return kNames[static_cast<std::size_t>(signal)]; }

SignalReader::SignalReader(const text::Lexicon& lexicon, SignalOptions options) : options_(options) {
  for (const auto& [name, bit] : kClasses) bit_of_[lexicon.number(name)] |= bit;
  bit_of_[0] = 0;
}

Signals SignalReader::read(std::string_view folded, const std::vector<text::ClassHit>& hits) const {
  Signals found{};
  read_marks(folded, found);
  read_words(hits, found);
  return found;
}

void SignalReader::read_marks(std::string_view folded, Signals& found) const {
  const auto set = [&](Signal signal, bool on) { found[static_cast<std::size_t>(signal)] |= on; };
  unsigned turns = 0;
  const auto line = [&](std::string_view begin) {
    const std::string_view words = past_marks(begin);
    set(Signal::fake_role, options_.boundaries && kSystemRoles.of(words));
    turns += kTurns.of(words);
  };
  line(folded);
  std::size_t marks_end = 0, address = 0;
  for (std::size_t at = 0; at < folded.size(); ++at) {
    const char c = folded[at];
    if (!kTrigger[static_cast<unsigned char>(c)]) continue;
    const std::string_view rest = folded.substr(at);
    if (c == '\n') {
      line(rest.substr(1));
      continue;
    }
    if (options_.boundaries && (c == '<' || c == '[' || c == '#'))
      set(Signal::chat_template, kTemplates.of(rest));
    if (options_.delimiters && (c == '<' || c == ']')) set(Signal::delimiter, kClosings.of(rest));
    if (c == '!' && rest.starts_with("![")) {
      // One search serves all images before the address it finds.
      if (address < at) address = std::min(folded.find("](http", at), folded.size());
      if (address - at < 512) set(Signal::exfiltration, carries_data(folded.substr(address)));
    }
    // Of a run of marks only the first is looked past.
    if (options_.delimiters && at >= marks_end) {
      const std::string_view words = past_marks(rest);
      marks_end = folded.size() - words.size();
      set(Signal::delimiter, kBounds.of(words));
    }
  }
  set(Signal::many_shot, turns >= kManyTurns);
}

void SignalReader::read_words(const std::vector<text::ClassHit>& hits, Signals& found) const {
  for (std::size_t first = 0; first < hits.size(); ++first) {
    std::uint32_t seen = 0;
    for (std::size_t i = first; i < hits.size() && hits[i].word - hits[first].word <= kFarthest; ++i) {
      // A class that was there already completes no rule.
      const std::uint32_t bits = bit_of_[hits[i].word_class];
      if ((seen & bits) == bits) continue;
      seen |= bits;
      for (const Rule& rule : kRules) {
        if (hits[i].word - hits[first].word <= rule.reach && holds(rule, seen)) {
          found[static_cast<std::size_t>(rule.signal)] = true;
        }
      }
    }
  }
}

}  // namespace kt::policy
