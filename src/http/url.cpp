#include "kt/http/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "http/chars.hpp"

namespace kt::http {
namespace {

bool is_ipv4(const std::string& host) {
  in_addr any{};
  return inet_pton(AF_INET, host.c_str(), &any) == 1;
}

bool is_ipv6(const std::string& host) {
  in6_addr any{};
  return inet_pton(AF_INET6, host.c_str(), &any) == 1;
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || (is_ipv4(host) && host.starts_with("127."));
}

// Metadata services and other link-local places are never a provider.
bool is_link_local(const std::string& host) {
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) {
    return IN6_IS_ADDR_LINKLOCAL(&v6) || IN6_IS_ADDR_V4MAPPED(&v6) || IN6_IS_ADDR_UNSPECIFIED(&v6) ||
           IN6_IS_ADDR_V4COMPAT(&v6);
  }
  return (is_ipv4(host) && (host.starts_with("169.254.") || host.starts_with("0."))) ||
         host == "metadata.google.internal" || host == "metadata" || host == "instance-data";
}

// Dotted labels of letters, digits and inner hyphens; the last label must not look like a number (0x7f.1,
// 2130706433).
bool is_name(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  std::size_t begin = 0;
  std::string_view label;
  while (begin <= host.size()) {
    const std::size_t dot = std::min(host.find('.', begin), host.size());
    label = host.substr(begin, dot - begin);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    const bool plain = std::all_of(label.begin(), label.end(), [](char c) {
      return c == '-' ||
             (c != '.' && chars::is(c, chars::kToken) && std::isalnum(static_cast<unsigned char>(c)) != 0);
    });
    if (!plain) return false;
    begin = dot + 1;
  }
  const bool numeric = chars::is(label.front(), chars::kDigit);
  return !numeric;
}

bool read_port(std::string_view digits, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc{} && end == digits.data() + digits.size() && port != 0 && digits.front() != '0';
}

bool read_authority(std::string_view text, Url& url, std::string& why) {
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == text.npos) return why = "a malformed IPv6 address", false;
    url.host = std::string(text.substr(1, close - 1));
    port = text.substr(close + 1);
    if (!is_ipv6(url.host)) return why = "a malformed IPv6 address", false;
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    url.host = std::string(text.substr(0, colon));
    port = text.substr(colon);
    std::transform(url.host.begin(), url.host.end(), url.host.begin(), chars::lower);
    if (!is_ipv4(url.host) && !is_name(url.host))
      return why = "the host is neither a name nor a plain IP address", false;
  }
  if (port.empty()) return true;
  if (port.front() != ':' || port.size() == 1 || !read_port(port.substr(1), url.port))
    return why = "the port is a number from 1 to 65535", false;
  return true;
}

bool valid_prefix(std::string_view path) {
  if (path.find("//") != path.npos || path.find("/../") != path.npos || path.find("/./") != path.npos ||
      path.ends_with("/..") || path.ends_with("/."))
    return false;
  return std::all_of(path.begin(), path.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-._~/").find(c) != std::string_view::npos;
  });
}

}  // namespace

std::string Url::authority() const {
  const std::string name = host.find(':') == host.npos ? host : "[" + host + "]";
  const bool standard = port == (tls ? 443 : 80);
  return standard ? name : name + ":" + std::to_string(port);
}

std::optional<Url> parse_base_url(std::string_view text, std::string& why) {
  Url url;
  const auto starts = [&](std::string_view scheme) {
    return text.size() > scheme.size() && chars::iequals(text.substr(0, scheme.size()), scheme);
  };
  if (starts("https://")) {
    text.remove_prefix(8);
  } else if (starts("http://")) {
    url.tls = false;
    url.port = 80;
    text.remove_prefix(7);
  } else {
    return why = "only https:// URLs (and http:// to this machine) are allowed", std::nullopt;
  }
  if (text.find_first_of("?#@\\") != text.npos)
    return why = "user information, query, fragment and backslash are not allowed", std::nullopt;
  const std::size_t slash = std::min(text.find('/'), text.size());
  if (!read_authority(text.substr(0, slash), url, why)) return std::nullopt;
  if (is_link_local(url.host)) return why = "link-local and metadata addresses are not allowed", std::nullopt;
  if (!url.tls && !is_loopback(url.host))
    return why = "http:// is allowed to this machine only; use https://", std::nullopt;
  std::string_view path = text.substr(slash);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (!valid_prefix(path)) return why = "the path may hold letters, digits and -._~/ only", std::nullopt;
  url.prefix = std::string(path);
  return url;
}

std::optional<std::string> encode_segment(std::string_view text) {
  if (text.empty() || text == "." || text == "..") return std::nullopt;
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

std::optional<std::string> decode_segment(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      unsigned value = 0;
      if (i + 2 >= text.size()) return std::nullopt;
      const auto [end, error] = std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
      if (error != std::errc{} || end != text.data() + i + 3) return std::nullopt;
      c = static_cast<char>(value);
      i += 2;
    }
    if (c == '/' || c == '\\' || c == '%' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return std::nullopt;
    out += c;
  }
  if (out.empty() || out == "." || out == "..") return std::nullopt;
  return out;
}

}  // namespace kt::http
