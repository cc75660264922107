// Keys and tokens that tell by a mark inside them whose they are.
#include "text/recogniser.hpp"

namespace kt::text {
namespace {

// Azure: an Entra client secret has 7Q~ or 8Q~ at the fourth place.
Hit entra_secret(Reader& reader, std::size_t at) {
  const auto fits = [](int c) { return is_alnum(c) || c == '_' || c == '~' || c == '.' || c == '-'; };
  for (std::size_t i = 0; i < 6; ++i) {
    const int c = reader.at(at + i);
    if (i == 3 ? c != '7' && c != '8' : i == 4 ? c != 'Q' : i == 5 ? c != '~' : !fits(c)) return {};
  }
  std::size_t i = at + 6;
  while (i - at <= 41 && fits(reader.at(i))) ++i;
  return i - at >= 37 && i - at <= 40 ? Hit{i, Entity::api_key} : Hit{};
}

// Telegram: a bot's number, a colon, 35 characters.
Hit telegram(Reader& reader, std::size_t at) {
  std::size_t digits = 0;
  while (digits < 12 && is_digit(reader.at(at + digits))) ++digits;
  if (digits < 8 || digits > 11 || reader.at(at + digits) != ':' || reader.at(at + digits + 1) != 'A')
    return {};
  std::size_t i = at + digits + 1;
  while (i - at < 64 && (is_alnum(reader.at(i)) || reader.at(i) == '_' || reader.at(i) == '-')) ++i;
  return i - at - digits - 1 == 35 ? Hit{i, Entity::api_key} : Hit{};
}

// Terraform: 14 characters, .atlasv1., at least 60.
Hit terraform(Reader& reader, std::size_t at) {
  std::size_t i = 0;
  while (i < 15 && is_alnum(reader.at(at + i))) ++i;
  if (i != 14 || !literal(reader, at + 14, ".atlasv1.")) return {};
  std::size_t end = at + 23;
  while (end - at < 120 && (is_alnum(reader.at(end)) || std::string_view("_-=").find(static_cast<char>(
                                                            reader.at(end))) != std::string_view::npos))
    ++end;
  return end - at >= 83 ? Hit{end, Entity::api_key} : Hit{};
}

// A webhook's address is its key.
Hit webhook(Reader& reader, std::size_t at) {
  std::size_t host = at;
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (literal(reader, at, scheme)) host = at + scheme.size();
  }
  const bool slack = literal(reader, host, "hooks.slack.com/");
  if (!slack && host == at) return {};
  if (!slack && !literal(reader, host, "discord.com/api/webhooks/")) {
    while (host - at < 71 && (is_alnum(reader.at(host)) || reader.at(host) == '-')) ++host;
    if (!literal(reader, host, ".webhook.office.com/webhookb2/")) return {};
  }
  constexpr std::size_t kLeast = 60, kMost = 300;
  std::size_t i = host;
  while (i - at < kMost && reader.at(i) > ' ' && reader.at(i) < 0x7f &&
         std::string_view("\"'`<>)").find(static_cast<char>(reader.at(i))) == std::string_view::npos)
    ++i;
  return i - at >= kLeast ? Hit{i, Entity::api_key} : Hit{};
}

}  // namespace

Hit find_key_shape(Reader& reader, std::size_t at) {
  for (const Recogniser each : {entra_secret, telegram, terraform, webhook}) {
    if (const Hit hit = each(reader, at); hit.end != 0 || reader.starved) return hit;
  }
  return {};
}

}  // namespace kt::text
