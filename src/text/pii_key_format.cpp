// Keys and tokens that tell by a prefix whose they are. Facts from the providers' documentation: the prefix,
// the characters behind it, how many.
#include <algorithm>
#include <array>
#include <vector>

#include "text/context.hpp"
#include "text/entropy.hpp"
#include "text/recogniser.hpp"

namespace kt::text {
namespace {

// Characters of a token's body.
enum class Set : unsigned char { alnum, word, hex, upper, dotted, base64 };

struct Format {
  std::string_view prefix;
  Set set;
  std::uint16_t least, most;  // characters behind the prefix
};

constexpr Format kFormats[] = {
    // clouds
    {"AKIA", Set::upper, 16, 16},
    {"ASIA", Set::upper, 16, 16},
    {"ABIA", Set::upper, 16, 16},
    {"ACCA", Set::upper, 16, 16},
    {"ABSK", Set::base64, 100, 300},
    {"bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t", Set::base64, 0, 2000},
    {"AIzaSy", Set::word, 33, 33},
    {"ya29.", Set::word, 40, 400},
    {"GOCSPX-", Set::word, 28, 28},
    {"1//0", Set::word, 40, 200},
    {"LTAI", Set::alnum, 12, 24},
    {"AKID", Set::alnum, 32, 32},
    {"dop_v1_", Set::hex, 64, 64},
    {"doo_v1_", Set::hex, 64, 64},
    {"dor_v1_", Set::hex, 64, 64},
    {"v1.0-", Set::word, 140, 200},
    {"YC", Set::word, 38, 38},
    {"AQVN", Set::word, 35, 38},
    {"t1.", Set::dotted, 90, 300},
    {"fo1_", Set::word, 40, 60},
    {"fm1_", Set::base64, 90, 600},
    {"fm1r_", Set::base64, 90, 600},
    {"fm2_", Set::base64, 90, 600},
    {"LKAPI", Set::alnum, 30, 60},
    {"hvs.", Set::word, 24, 300},
    {"hvb.", Set::word, 90, 400},
    {"dp.pt.", Set::alnum, 40, 50},
    {"dp.st.", Set::dotted, 40, 80},
    {"pul-", Set::hex, 40, 40},
    {"dapi", Set::hex, 32, 34},
    {"ops_eyJ", Set::base64, 100, 4000},
    {"A3-", Set::word, 30, 40},
    {"AGE-SECRET-KEY-1", Set::upper, 58, 58},
    {"sbp_", Set::hex, 40, 40},
    {"sb_secret_", Set::word, 20, 60},
    {"vercel_", Set::alnum, 20, 60},
    {"nfp_", Set::alnum, 36, 60},
    {"rnd_", Set::alnum, 28, 40},
    {"tskey-", Set::word, 20, 80},
    {"oy2", Set::alnum, 43, 43},
    {"HRKU-", Set::word, 36, 64},
    {"pscale_tkn_", Set::dotted, 32, 64},
    {"pscale_pw_", Set::dotted, 32, 64},
    {"pscale_oauth_", Set::dotted, 32, 64},
    {"scw-", Set::word, 30, 40},
    {"eyJrIjoi", Set::base64, 60, 400},
    {"glc_", Set::base64, 32, 400},
    {"glsa_", Set::word, 41, 41},
    // source code, packages, builds
    {"ghp_", Set::alnum, 36, 36},
    {"gho_", Set::alnum, 36, 36},
    {"ghu_", Set::alnum, 36, 36},
    {"ghs_", Set::alnum, 36, 36},
    {"ghr_", Set::alnum, 36, 76},
    {"github_pat_", Set::word, 60, 100},
    {"glpat-", Set::dotted, 20, 80},
    {"glptt-", Set::word, 40, 40},
    {"gldt-", Set::word, 20, 20},
    {"glrt-", Set::dotted, 20, 80},
    {"glrtr-", Set::dotted, 20, 80},
    {"glcbt-", Set::word, 20, 40},
    {"glft-", Set::word, 20, 40},
    {"glffct-", Set::word, 20, 20},
    {"glimt-", Set::word, 25, 25},
    {"glagent-", Set::word, 50, 50},
    {"gloas-", Set::word, 64, 64},
    {"glsoat-", Set::word, 20, 20},
    {"GR1348941", Set::word, 20, 20},
    {"_gitlab_session=", Set::alnum, 32, 32},
    {"npm_", Set::alnum, 36, 36},
    {"pypi-AgE", Set::word, 50, 400},
    {"rubygems_", Set::hex, 48, 48},
    {"CLOJARS_", Set::alnum, 60, 60},
    {"dckr_pat_", Set::word, 27, 27},
    {"dckr_oat_", Set::word, 32, 32},
    {"AKCp", Set::alnum, 69, 69},
    {"cmVmdGtu", Set::alnum, 56, 56},
    {"sqp_", Set::hex, 40, 40},
    {"squ_", Set::hex, 40, 40},
    {"sqa_", Set::hex, 40, 40},
    {"ATATT3", Set::base64, 180, 200},
    {"ATBB", Set::alnum, 32, 40},
    {"ATCTT3", Set::base64, 170, 200},
    {"sntrys_eyJpYXQiO", Set::base64, 50, 400},
    {"sntryu_", Set::hex, 64, 64},
    {"PMAK-", Set::word, 59, 59},
    {"CCIPAT_", Set::word, 50, 80},
    {"bkua_", Set::alnum, 40, 40},
    {"pnu_", Set::alnum, 36, 36},
    {"tfp_", Set::base64, 59, 70},
    {"sgp_", Set::hex, 40, 40},
    {"sgp_local_", Set::hex, 40, 40},
    {"rdme_", Set::alnum, 70, 70},
    {"lin_api_", Set::alnum, 40, 40},
    {"figd_", Set::word, 40, 40},
    {"ntn_", Set::alnum, 46, 50},
    {"secret_", Set::alnum, 43, 43},
    {"pat", Set::dotted, 79, 79},
    {"dG9rO", Set::base64, 50, 60},
    {"phc_", Set::alnum, 43, 43},
    {"phx_", Set::alnum, 43, 43},
    {"NRAK-", Set::alnum, 27, 27},
    {"NRJS-", Set::hex, 19, 19},
    {"NRII-", Set::word, 32, 32},
    {"NRRA-", Set::hex, 42, 42},
    {"sm_pat_", Set::alnum, 16, 32},
    {"sm_aat_", Set::alnum, 16, 32},
    {"sm_sat_", Set::alnum, 16, 32},
    {"shippo_live_", Set::hex, 40, 40},
    {"shippo_test_", Set::hex, 40, 40},
    {"duffel_test_", Set::word, 43, 43},
    {"duffel_live_", Set::word, 43, 43},
    {"fio-u-", Set::word, 64, 64},
    {"EZAK", Set::alnum, 54, 54},
    {"EZTK", Set::alnum, 54, 54},
    {"p8e-", Set::alnum, 32, 32},
    {"s-s4t2", Set::word, 60, 80},
    {"u-s4t2", Set::word, 60, 80},
    // models
    {"sk-ant-", Set::word, 60, 160},
    {"sk-proj-", Set::word, 40, 200},
    {"sk-svcacct-", Set::word, 40, 200},
    {"sk-admin-", Set::word, 40, 200},
    {"sk-or-v1-", Set::hex, 64, 64},
    {"sk-", Set::alnum, 20, 64},
    {"hf_", Set::alnum, 30, 40},
    {"api_org_", Set::alnum, 34, 34},
    {"gsk_", Set::alnum, 48, 56},
    {"xai-", Set::alnum, 70, 90},
    {"pplx-", Set::alnum, 40, 60},
    {"r8_", Set::alnum, 37, 40},
    {"nvapi-", Set::word, 60, 80},
    {"tvly-", Set::word, 30, 50},
    {"lsv2_pt_", Set::word, 40, 50},
    {"lsv2_sk_", Set::word, 40, 50},
    {"pcsk_", Set::word, 50, 80},
    // payments, shops, messages
    {"sk_live_", Set::alnum, 10, 120},
    {"sk_test_", Set::alnum, 10, 120},
    {"sk_prod_", Set::alnum, 10, 120},
    {"rk_live_", Set::alnum, 10, 120},
    {"rk_test_", Set::alnum, 10, 120},
    {"rk_prod_", Set::alnum, 10, 120},
    {"whsec_", Set::base64, 28, 60},
    {"sq0atp-", Set::word, 22, 22},
    {"sq0csp-", Set::word, 43, 43},
    {"EAAA", Set::word, 60, 60},
    {"EAA", Set::alnum, 80, 300},
    {"shpat_", Set::hex, 32, 32},
    {"shpca_", Set::hex, 32, 32},
    {"shppa_", Set::hex, 32, 32},
    {"shpss_", Set::hex, 32, 32},
    {"FLWPUBK_TEST-", Set::word, 12, 40},
    {"FLWSECK_TEST-", Set::word, 12, 40},
    {"FLWSECK-", Set::word, 32, 40},
    {"access_token$production$", Set::dotted, 30, 60},
    {"live_pub_", Set::hex, 31, 31},
    {"test_pub_", Set::hex, 31, 31},
    {"xoxb-", Set::word, 20, 120},
    {"xoxp-", Set::word, 20, 200},
    {"xoxa-", Set::word, 20, 200},
    {"xoxo-", Set::word, 20, 200},
    {"xoxs-", Set::word, 20, 200},
    {"xoxr-", Set::word, 20, 200},
    {"xoxe.xoxp-", Set::word, 100, 240},
    {"xoxe.xoxb-", Set::word, 100, 240},
    {"xoxe-", Set::word, 100, 240},
    {"xapp-", Set::word, 40, 160},
    {"SG.", Set::dotted, 60, 80},
    {"xkeysib-", Set::word, 81, 81},
    {"xsmtpsib-", Set::word, 81, 81},
    {"key-", Set::hex, 32, 32},
    {"pubkey-", Set::hex, 32, 32},
    {"SK", Set::hex, 32, 32},
    {"AC", Set::hex, 32, 32},
};

// The formats by their prefix's first character.
const std::array<std::vector<const Format*>, 128>& by_first() {
  static const auto table = [] {
    std::array<std::vector<const Format*>, 128> out;
    for (const Format& each : kFormats) out[static_cast<unsigned char>(each.prefix[0])].push_back(&each);
    return out;
  }();
  return table;
}

bool in_set(Set set, int c) {
  switch (set) {
    case Set::alnum:
      return is_alnum(c);
    case Set::word:
      return is_alnum(c) || c == '_' || c == '-';
    case Set::hex:
      return is_hex(c);
    case Set::upper:
      return is_upper(c) || is_digit(c);
    case Set::dotted:
      return is_alnum(c) || c == '_' || c == '-' || c == '.';
    case Set::base64:
      return is_alnum(c) || c == '_' || c == '-' || c == '+' || c == '/' || c == '=';
  }
  return false;
}

// Whether the body begins at i; sets its end.
bool body(Reader& reader, std::size_t i, const Format& format, std::size_t& end) {
  end = i;
  while (end - i <= format.most && in_set(format.set, reader.at(end))) ++end;
  std::size_t trimmed = end;
  while (trimmed > i && (reader.text[trimmed - 1] == '.' || reader.text[trimmed - 1] == '-')) --trimmed;
  if (trimmed - i < format.least || end - i > format.most) return false;
  end = trimmed;
  if (word_at(reader, end)) return false;
  const std::string_view token = reader.text.substr(i, end - i);
  if (token.empty()) return true;
  const bool digit = std::any_of(token.begin(), token.end(), is_digit);
  const double bits = entropy(token);
  return !placeholder(token) && (digit ? bits >= 2.7 : bits >= (format.set == Set::upper ? 3.0 : 4.0));
}

bool prefix_at(Reader& reader, std::size_t at, std::string_view prefix) {
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if (reader.at(at + i) != static_cast<unsigned char>(prefix[i])) return false;
  }
  return true;
}

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
  if (i != 14 || !prefix_at(reader, at + 14, ".atlasv1.")) return {};
  std::size_t end = at + 23;
  while (end - at < 120 && (is_alnum(reader.at(end)) || std::string_view("_-=").find(static_cast<char>(
                                                            reader.at(end))) != std::string_view::npos))
    ++end;
  return end - at >= 83 ? Hit{end, Entity::api_key} : Hit{};
}

// A webhook's address is its key.
Hit webhook(Reader& reader, std::size_t at) {
  if (!prefix_at(reader, at, "https://") && !prefix_at(reader, at, "http://")) return {};
  std::size_t i = at + 7;
  while (i - at < 300 && reader.at(i) > ' ' && reader.at(i) < 0x7f &&
         std::string_view("\"'`<>)").find(static_cast<char>(reader.at(i))) == std::string_view::npos)
    ++i;
  const std::string_view url = reader.text.substr(at, i - at);
  const bool known = url.find("://hooks.slack.com/") != url.npos ||
                     url.find("://discord.com/api/webhooks/") != url.npos ||
                     url.find(".webhook.office.com/webhookb2/") != url.npos;
  return known && url.size() >= 70 ? Hit{i, Entity::api_key} : Hit{};
}

}  // namespace

Hit find_key_format(Reader& reader, std::size_t at) {
  for (const Format* format : by_first()[static_cast<std::size_t>(reader.at(at)) & 127]) {
    if (!prefix_at(reader, at, format->prefix)) {
      if (reader.starved) return {};
      continue;
    }
    std::size_t end = 0;
    if (body(reader, at + format->prefix.size(), *format, end)) return {end, Entity::api_key};
    if (reader.starved) return {};
  }
  for (const Recogniser each : {entra_secret, telegram, terraform, webhook}) {
    if (const Hit hit = each(reader, at); hit.end != 0 || reader.starved) return hit;
  }
  return {};
}

}  // namespace kt::text
