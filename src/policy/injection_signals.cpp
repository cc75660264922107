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

constexpr std::string_view kTemplates[] = {"<|im_start|>",
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
                                           "### developer"};
constexpr std::string_view kClosings[] = {"</user",   "</input",       "</document", "</context", "</text",
                                          "</prompt", "</instruction", "</query",    "</data",    "</message",
                                          "]]>"};
constexpr std::string_view kSystemRoles[] = {
    "system:", "system prompt:", "system message:", "system override:", "developer:",
    "admin:",  "administrator:", "root:",           "system notice:"};
constexpr std::string_view kTurns[] = {
    "user:", "human:", "assistant:", "ai:", "q:", "a:", "bot:", "chatgpt:"};
constexpr std::string_view kBounds[] = {
    "end of ",   "end user",     "end input",    "end prompt",      "end system", "end text", "end document",
    "begin new", "begin system", "start of new", "new instruction", "new system", "stop here"};
constexpr unsigned kManyTurns = 8;

template <std::size_t N>
bool begins(std::string_view text, const std::string_view (&list)[N]) {
  return std::any_of(std::begin(list), std::end(list),
                     [&](std::string_view each) { return text.starts_with(each); });
}

// Past blanks and marks, at most 12 of them.
std::string_view past_marks(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && at < 12 &&
         std::string_view(" #*=-_[<>`\"'|+~(").find(text[at]) != std::string_view::npos)
    ++at;
  return text.substr(at);
}

// ![...](http...) whose address has a query or a place to fill in.
bool carries_data(std::string_view text) {
  const std::string_view near = text.substr(0, 512);
  const std::size_t address = near.find("](http");
  if (address == std::string_view::npos) return false;
  const std::string_view target = near.substr(address, near.find(')', address) - address);
  return target.find_first_of("?{<[", 2) != std::string_view::npos;
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
    set(Signal::fake_role, options_.boundaries && begins(words, kSystemRoles));
    turns += begins(words, kTurns);
  };
  line(folded);
  std::size_t marks_end = 0;
  for (std::size_t at = 0; at < folded.size(); ++at) {
    const char c = folded[at];
    if (!kTrigger[static_cast<unsigned char>(c)]) continue;
    const std::string_view rest = folded.substr(at);
    if (c == '\n') line(rest.substr(1));
    if (options_.boundaries && (c == '<' || c == '[' || c == '#'))
      set(Signal::chat_template, begins(rest, kTemplates));
    if (options_.delimiters && (c == '<' || c == ']')) set(Signal::delimiter, begins(rest, kClosings));
    if (c == '!' && rest.starts_with("![")) set(Signal::exfiltration, carries_data(rest));
    // Of a run of marks only the first is looked past.
    if (options_.delimiters && at >= marks_end) {
      const std::string_view words = past_marks(rest);
      marks_end = folded.size() - words.size();
      set(Signal::delimiter, begins(words, kBounds));
    }
  }
  set(Signal::many_shot, turns >= kManyTurns);
}

void SignalReader::read_words(const std::vector<text::ClassHit>& hits, Signals& found) const {
  for (std::size_t first = 0; first < hits.size(); ++first) {
    std::uint32_t seen = 0;
    for (std::size_t i = first; i < hits.size() && hits[i].word - hits[first].word <= kFarthest; ++i) {
      seen |= bit_of_[hits[i].word_class];
      for (const Rule& rule : kRules) {
        if (hits[i].word - hits[first].word <= rule.reach && holds(rule, seen)) {
          found[static_cast<std::size_t>(rule.signal)] = true;
        }
      }
    }
  }
}

}  // namespace kt::policy
