#include "simulator/answer.hpp"

#include <charconv>
#include <algorithm>
#include <cstring>
#include <functional>
#include <sstream>

#include "kt/base/crypto.hpp"
#include "kt/base/random.hpp"

namespace kt::simulator {
namespace {

Json severities() {
  Json out = Json::object();
  for (const char* category : {"hate", "self_harm", "sexual", "violence"})
    out[category] = {{"filtered", false}, {"severity", "safe"}};
  return out;
}

Json prompt_filter() {
  Json results = severities();
  results["jailbreak"] = {{"detected", false}, {"filtered", false}};
  return Json::array({{{"content_filter_results", results}, {"prompt_index", 0}}});
}

std::uint64_t fingerprint(const Options& options, const Call& call) {
  const Digest digest = sha256(std::to_string(options.seed) + call.deployment + call.body.dump());
  std::uint64_t value = 0;
  std::memcpy(&value, digest.data(), sizeof value);
  return value;
}

std::string id_of(const char* prefix, std::uint64_t print) {
  char text[32];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(print));
  return prefix + std::string(text);
}

std::string model_of(const Call& call) { return call.deployment + "-2024-11-20"; }

// What is said when nothing else was asked for.
std::string pleasantry(std::uint64_t print) {
  static const char* kOpenings[] = {"Certainly.", "Good question.", "Here is a short answer.",
                                    "With pleasure."};
  static const char* kMiddles[] = {"This text comes from a simulator, so no model was asked",
                                   "The simulator made this up from your words alone",
                                   "Nothing left this machine to say this"};
  return std::string(kOpenings[print % 4]) + " " + kMiddles[(print >> 8) % 3] +
         ", and it will say the same tomorrow.";
}

// Pairs of hexadecimal digits, up to the first that is none.
std::string from_hex(std::string_view digits) {
  std::string text;
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2) {
    unsigned char byte = 0;
    if (std::from_chars(digits.data() + at, digits.data() + at + 2, byte, 16).ptr != digits.data() + at + 2) break;
    text += static_cast<char>(byte);
  }
  return text;
}

std::string reply_text(const Options& options, const Call& call) {
  if (call.directives.has("reply")) return call.directives.text("reply");
  if (call.directives.has("reply_hex")) return from_hex(call.directives.text("reply_hex"));
  if (call.directives.has("echo")) return last_words(call.body);
  if (const auto events = call.directives.number("events")) {
    std::string text;
    for (long i = 0; i < *events; ++i) text += "word" + std::to_string(i) + " ";
    return text;
  }
  if (call.body.contains("response_format") && call.body["response_format"].is_object() &&
      call.body["response_format"].value("type", "") != "text")
    return "{\"answer\":\"simulated\"}";
  return pleasantry(fingerprint(options, call));
}

// A token is a word with the space before it.
std::vector<std::string> tokens(const std::string& text) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == ' ') {
      out.push_back(text.substr(begin, i - begin));
      begin = i;
    }
  }
  if (out.size() == 1 && out[0].empty()) out.clear();
  return out;
}

std::size_t prompt_tokens(const Json& body) { return std::max<std::size_t>(1, body.dump().size() / 4); }

Json usage_of(std::size_t input, std::size_t output) {
  return {{"completion_tokens", output},
          {"completion_tokens_details",
           {{"accepted_prediction_tokens", 0},
            {"audio_tokens", 0},
            {"reasoning_tokens", 0},
            {"rejected_prediction_tokens", 0}}},
          {"prompt_tokens", input},
          {"prompt_tokens_details", {{"audio_tokens", 0}, {"cached_tokens", 0}}},
          {"total_tokens", input + output}};
}

struct Said {
  std::vector<std::string> tokens;
  std::string finish = "stop";
  bool tool = false;
};

Said say(const Options& options, const Call& call) {
  Said said;
  said.tokens = tokens(reply_text(options, call));
  const Json& body = call.body;
  for (const char* field : {"max_tokens", "max_completion_tokens"}) {
    if (!body.contains(field) || !body[field].is_number_unsigned()) continue;
    if (body[field].get<std::size_t>() < said.tokens.size()) {
      said.tokens.resize(body[field].get<std::size_t>());
      said.finish = "length";
    }
  }
  if (call.directives.has("filter_output")) said.finish = "content_filter";
  if (body.contains("tools") && body["tools"].is_array() && !body["tools"].empty() &&
      call.directives.has("tool")) {
    said.tool = true;
    said.finish = "tool_calls";
  }
  return said;
}

std::string joined(const std::vector<std::string>& tokens) {
  std::string out;
  for (const auto& token : tokens) out += token;
  return out;
}

std::string tool_name(const Call& call) {
  return call.body["tools"][0].value("function", Json::object()).value("name", "tool");
}
constexpr const char* kToolArguments = "{\"city\":\"Paris\"}";

std::size_t choices(const Call& call) {
  return call.body.contains("n") && call.body["n"].is_number_unsigned()
             ? std::clamp<std::size_t>(call.body["n"].get<std::size_t>(), 1, 16)
             : 1;
}

Json chat_message(const Call& call, const Said& said) {
  Json message{{"annotations", Json::array()},
               {"content", joined(said.tokens)},
               {"refusal", nullptr},
               {"role", "assistant"}};
  if (said.tool) {
    message["content"] = nullptr;
    message["tool_calls"] =
        Json::array({{{"function", {{"arguments", kToolArguments}, {"name", tool_name(call)}}},
                      {"id", "call_simulated"},
                      {"type", "function"}}});
  }
  return message;
}

Answer plain(const Options& options, const Call& call) {
  const Said said = say(options, call);
  const bool chat = call.kind == Call::Kind::chat;
  const std::uint64_t print = fingerprint(options, call);
  Json list = Json::array();
  for (std::size_t i = 0; i < choices(call); ++i) {
    Json choice{{"content_filter_results", said.tool ? Json::object() : severities()},
                {"finish_reason", said.finish},
                {"index", i},
                {"logprobs", nullptr}};
    if (chat) {
      choice["message"] = chat_message(call, said);
    } else {
      choice["text"] = joined(said.tokens);
    }
    list.push_back(std::move(choice));
  }
  const Json body{{"choices", list},
                  {"created", 1764000000},
                  {"id", id_of(chat ? "chatcmpl-" : "cmpl-", print)},
                  {"model", model_of(call)},
                  {"object", chat ? "chat.completion" : "text_completion"},
                  {"prompt_filter_results", prompt_filter()},
                  {"system_fingerprint", "fp_simulator"},
                  {"usage", usage_of(prompt_tokens(call.body), said.tokens.size() * choices(call))}};
  Answer out;
  out.body = body.dump() + "\n";
  return out;
}

class StreamBuilder {
 public:
  StreamBuilder(const Options& options, const Call& call)
      : options_(options),
        call_(call),
        said_(say(options, call)),
        chat_(call.kind == Call::Kind::chat),
        print_(fingerprint(options, call)) {
    const Json& stream_options = call.body.contains("stream_options") ? call.body["stream_options"] : none_;
    usage_ = stream_options.is_object() && stream_options.value("include_usage", false);
  }

  std::vector<std::string> build(std::size_t& delayed) {
    prelude();
    for (std::size_t i = 0; i < choices(call_) && chat_; ++i) role(i);
    delayed = events_.size();
    if (said_.tool) tool_deltas();
    for (const std::string& token : said_.tool ? std::vector<std::string>{} : said_.tokens) {
      for (std::size_t i = 0; i < choices(call_); ++i) text(i, token);
    }
    if (options_.async_filter) annotation();
    for (std::size_t i = 0; i < choices(call_); ++i) finish(i);
    if (options_.async_filter) annotation();
    if (usage_)
      add({{"choices", Json::array()},
           {"usage", usage_of(prompt_tokens(call_.body), said_.tokens.size() * choices(call_))}});
    events_.push_back("[DONE]");
    return std::move(events_);
  }

 private:
  void add(Json event) {
    event["created"] = 1764000000;
    event["id"] = id_of(chat_ ? "chatcmpl-" : "cmpl-", print_);
    event["model"] = model_of(call_);
    event["object"] = chat_ ? "chat.completion.chunk" : "text_completion";
    event["system_fingerprint"] = "fp_simulator";
    if (usage_ && !event.contains("usage")) event["usage"] = nullptr;
    events_.push_back(event.dump());
  }
  void prelude() {
    events_.push_back(Json{
        {"choices", Json::array()},
        {"created", 0},
        {"id", ""},
        {"model", ""},
        {"object", ""},
        {"prompt_filter_results",
         prompt_filter()}}.dump());
  }
  Json choice(std::size_t index, Json delta, Json filter) {
    Json out{{"finish_reason", nullptr}, {"index", index}, {"logprobs", nullptr}};
    if (!options_.async_filter) out["content_filter_results"] = std::move(filter);
    if (chat_) {
      out["delta"] = std::move(delta);
    } else {
      out["text"] = delta.value("content", "");
    }
    return out;
  }
  void role(std::size_t index) {
    add({{"choices",
          Json::array({choice(index, {{"content", ""}, {"refusal", nullptr}, {"role", "assistant"}},
                              Json::object())})}});
  }
  void text(std::size_t index, const std::string& token) {
    add({{"choices", Json::array({choice(index, {{"content", token}}, severities())})}});
  }
  void tool_deltas() {
    add({{"choices",
          Json::array({choice(
              0,
              {{"tool_calls", Json::array({{{"function", {{"arguments", ""}, {"name", tool_name(call_)}}},
                                            {"id", "call_simulated"},
                                            {"index", 0},
                                            {"type", "function"}}})}},
              Json::object())})}});
    const std::string arguments = kToolArguments;
    for (std::size_t at = 0; at < arguments.size(); at += 4) {
      add({{"choices",
            Json::array({choice(
                0,
                {{"tool_calls",
                  Json::array({{{"function", {{"arguments", arguments.substr(at, 4)}}}, {"index", 0}}})}},
                Json::object())})}});
    }
  }
  void finish(std::size_t index) {
    Json last = choice(index, Json::object(), Json::object());
    last["finish_reason"] = said_.finish;
    add({{"choices", Json::array({last})}});
  }
  void annotation() {
    events_.push_back(
        Json{{"choices", Json::array({{{"content_filter_offsets",
                                        {{"check_offset", 44}, {"end_offset", 198}, {"start_offset", 44}}},
                                       {"content_filter_results", severities()},
                                       {"finish_reason", nullptr},
                                       {"index", 0}}})},
             {"created", 0},
             {"id", ""},
             {"model", ""},
             {"object", ""}}
            .dump());
  }

  const Options& options_;
  const Call& call_;
  const Json none_;
  const Said said_;
  const bool chat_;
  const std::uint64_t print_;
  bool usage_ = false;
  std::vector<std::string> events_;
};

Answer streamed(const Options& options, const Call& call) {
  Answer out;
  out.content_type = "text/event-stream; charset=utf-8";
  out.headers.emplace_back("x-accel-buffering", "no");
  out.events = StreamBuilder(options, call).build(out.delayed_events);
  return out;
}

std::string base64(const std::vector<float>& values) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto* bytes = reinterpret_cast<const unsigned char*>(values.data());
  const std::size_t size = values.size() * sizeof(float);
  std::string out;
  for (std::size_t i = 0; i < size; i += 3) {
    const unsigned a = bytes[i], b = i + 1 < size ? bytes[i + 1] : 0, c = i + 2 < size ? bytes[i + 2] : 0;
    out +=
        {kAlphabet[a >> 2], kAlphabet[((a & 3) << 4) | (b >> 4)],
         i + 1 < size ? kAlphabet[((b & 15) << 2) | (c >> 6)] : '=', i + 2 < size ? kAlphabet[c & 63] : '='};
  }
  return out;
}

Json embedding_of(const Json& input, std::uint64_t seed, std::size_t dimensions, bool encoded) {
  const Digest digest = sha256(input.dump());
  std::uint64_t start = 0;
  std::memcpy(&start, digest.data(), sizeof start);
  Random random(start ^ seed);
  std::vector<float> values(dimensions);
  for (float& value : values) value = static_cast<float>(random.uniform() * 2 - 1) / 16;
  if (encoded) return base64(values);
  return values;
}

Answer embeddings(const Options& options, const Call& call) {
  if (!call.body.contains("input"))
    return error_answer(400, "invalid_request_error", "'input' is a required property");
  const Json& input = call.body["input"];
  if (!input.is_string() && !input.is_array()) return wrong_type();
  const bool one = input.is_string() || (input.is_array() && !input.empty() && input[0].is_number());
  const std::size_t most = call.deployment.find("large") != std::string::npos ? 3072 : 1536;
  const Json wanted = call.body.value("dimensions", Json(most));
  if (!wanted.is_number_unsigned() || wanted < 1 || wanted > most) return wrong_type();
  const std::size_t dimensions = wanted;
  const bool encoded = call.body.value("encoding_format", "float") == "base64";
  const Json items = one ? Json::array({input}) : input;
  Json data = Json::array();
  for (std::size_t i = 0; i < items.size(); ++i)
    data.push_back({{"embedding", embedding_of(items[i], options.seed, dimensions, encoded)},
                    {"index", i},
                    {"object", "embedding"}});
  const std::size_t used = std::max<std::size_t>(1, input.dump().size() / 4);
  Answer out;
  out.body = Json{{"data", data},
                  {"model", call.deployment},
                  {"object", "list"},
                  {"usage", {{"prompt_tokens", used}, {"total_tokens", used}}}}
                 .dump(2) +
             "\n";
  return out;
}

Answer filtered_prompt() {
  Json results = severities();
  results["jailbreak"] = {{"detected", true}, {"filtered", true}};
  Answer out;
  out.status = 400;
  out.body =
      Json{{"error",
            {{"code", "content_filter"},
             {"innererror", {{"code", "ResponsibleAIPolicyViolation"}, {"content_filter_result", results}}},
             {"message",
              "The response was filtered due to the prompt triggering Azure OpenAI's content management "
              "policy. Please modify your prompt and retry."},
             {"param", "prompt"},
             {"status", 400},
             {"type", nullptr}}}}
          .dump();
  return out;
}

Answer status_answer(int status) {
  if (status == 429) {
    Answer out = error_answer(429, "429",
                              "Requests to the ChatCompletions_Create Operation have exceeded token rate "
                              "limit of your current tier. Please retry after 6 seconds.");
    out.headers = {{"retry-after", "6"},
                   {"retry-after-ms", "6000"},
                   {"x-ratelimit-remaining-requests", "0"},
                   {"x-ratelimit-remaining-tokens", "0"}};
    return out;
  }
  Answer out;
  out.status = status;
  out.body = Json{{"error",
                   {{"code", nullptr},
                    {"message", "The server had an error while processing your request. Sorry about that!"},
                    {"param", nullptr},
                    {"type", "server_error"}}}}
                 .dump();
  return out;
}

// 2024-09-01-preview was the first dated version that took it.
bool old_for_usage(const Call& call) {
  return call.api_version != "v1" && call.api_version != "preview" && call.api_version < "2024-09-01";
}

}  // namespace

std::string last_words(const Json& body) {
  if (body.contains("prompt") && body["prompt"].is_string()) return body["prompt"];
  if (!body.contains("messages") || !body["messages"].is_array()) return {};
  for (auto message = body["messages"].rbegin(); message != body["messages"].rend(); ++message) {
    if (!message->is_object() || message->value("role", "") != "user" || !message->contains("content"))
      continue;
    const Json& content = (*message)["content"];
    if (content.is_string()) return content;
    std::string text;
    for (const Json& part : content.is_array() ? content : Json::array())
      text += part.is_object() ? part.value("text", "") : "";
    return text;
  }
  return {};
}

Answer error_answer(int status, const std::string& code, const std::string& message) {
  Answer out;
  out.status = status;
  out.body = Json{{"error", {{"code", code}, {"message", message}}}}.dump();
  return out;
}

Answer wrong_type() {
  return error_answer(400, "BadRequest", "A field of the request body is not of its type.");
}

Answer answer(const Options& options, const Call& call) try {
  if (const auto status = call.directives.number("status"); status && *status >= 200 && *status <= 599)
    return status_answer(static_cast<int>(*status));
  if (call.directives.has("content_filter")) return filtered_prompt();
  if (call.kind == Call::Kind::embeddings) return embeddings(options, call);
  if (call.body.contains("stream_options") && old_for_usage(call)) {
    Answer out = error_answer(400, "", "Unrecognized request argument supplied: stream_options");
    out.body = Json{{"error",
                     {{"code", nullptr},
                      {"message", "Unrecognized request argument supplied: stream_options"},
                      {"param", nullptr},
                      {"type", "invalid_request_error"}}}}
                   .dump();
    return out;
  }
  const bool stream = call.body.contains("stream") && call.body["stream"] == true;
  return stream ? streamed(options, call) : plain(options, call);
} catch (const Json::type_error&) {
  return wrong_type();
}

}  // namespace kt::simulator
