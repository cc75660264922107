#include <gtest/gtest.h>

#include "kt/http/error_body.hpp"
#include "kt/http/head.hpp"
#include "kt/http/url.hpp"
#include "kt/http/writer.hpp"
#include "kt/json/scan.hpp"

namespace kt::http {
namespace {

struct Decoded {
  ChunkedDecoder::State state = ChunkedDecoder::State::more;
  std::string body, rest;
};

Decoded decode(const std::vector<std::string>& pieces) {
  ChunkedDecoder decoder;
  Decoded out;
  for (const std::string& piece : pieces) {
    std::string_view left = piece;
    while (!left.empty() && out.state == ChunkedDecoder::State::more) {
      const auto step = decoder.step(left);
      out.body += step.data;
      out.state = step.state;
      left.remove_prefix(step.consumed);
    }
    out.rest += left;
  }
  return out;
}

TEST(ChunkedDecoder, ReadsABodyInEveryCutting) {
  const std::string bytes = "5\r\nhello\r\n6;ext=\"a;b\"\r\n world\r\n0\r\nTrailer: x\r\n\r\nnext";
  for (std::size_t a = 0; a <= bytes.size(); ++a) {
    for (std::size_t b = a; b <= bytes.size(); b += 7) {
      const Decoded out = decode({bytes.substr(0, a), bytes.substr(a, b - a), bytes.substr(b)});
      EXPECT_EQ(out.state, ChunkedDecoder::State::done);
      EXPECT_EQ(out.body, "hello world");
      EXPECT_EQ(out.rest, "next");
    }
  }
}

TEST(ChunkedDecoder, RefusesWhatHasTwoReadings) {
  for (const char* bytes : {"zz\r\n", "5 \r\nhello", "0x5\r\nhello", "5\nhello", "5\r\nhelloX", "-1\r\n",
                            "\r\n", "fffffffffffffffff\r\n", "5;a=\"\r\n", "5;\x01\r\n", "5\r\r\nhello"}) {
    EXPECT_EQ(decode({bytes}).state, ChunkedDecoder::State::bad) << bytes;
  }
}

TEST(ChunkedDecoder, BoundsExtensionsAndTrailers) {
  EXPECT_EQ(decode({"1;" + std::string(100'000, 'a')}).state, ChunkedDecoder::State::bad);
  EXPECT_EQ(decode({"0\r\nx: " + std::string(100'000, 'a')}).state, ChunkedDecoder::State::bad);
  std::string tiny;
  for (int i = 0; i < 20'000; ++i) tiny += "1;aaaaaaaaaaaaaaaaaaaa\r\nx\r\n";
  EXPECT_EQ(decode({tiny}).state, ChunkedDecoder::State::bad);
}

TEST(Url, TakesTheBaseUrlsOfProviders) {
  std::string why;
  const auto plain = parse_base_url("https://My-Resource.openai.azure.com/", why);
  ASSERT_TRUE(plain) << why;
  EXPECT_EQ(plain->host, "my-resource.openai.azure.com");
  EXPECT_EQ(plain->port, 443);
  EXPECT_EQ(plain->prefix, "");
  EXPECT_EQ(parse_base_url("https://apim.contoso.com:8443/aoai/", why)->prefix, "/aoai");
  EXPECT_EQ(parse_base_url("http://[::1]:9000", why)->authority(), "[::1]:9000");
}

TEST(Url, RefusesWhatNoProviderHas) {
  for (const char* text : {"",
                           "https://",
                           "ftp://x",
                           "http://example.org",
                           "https://user@host",
                           "https://host?x",
                           "https://host#x",
                           "https://host\\@evil",
                           "https://0x7f.1",
                           "https://2130706433",
                           "https://169.254.169.254",
                           "https://[::ffff:169.254.169.254]",
                           "https://[fe80::1]",
                           "https://0.0.0.0",
                           "https://host:0",
                           "https://host:99999",
                           "https://ho st",
                           "https://host/a/../b",
                           "https://host//x",
                           "https://host/%2e",
                           "https://metadata.google.internal",
                           "https://-a.b"}) {
    std::string why;
    EXPECT_FALSE(parse_base_url(text, why)) << text;
    EXPECT_FALSE(why.empty()) << text;
  }
}

TEST(Url, SegmentsAreEncodedAndDecodedOrRefused) {
  EXPECT_EQ(encode_segment("my dep/1%"), "my%20dep%2F1%25");
  for (const char* text : {"", ".", ".."}) EXPECT_FALSE(encode_segment(text));
  EXPECT_EQ(decode_segment("gpt%2D4o"), "gpt-4o");
  for (const char* text : {"", "..", "%2e%2e", "a%2fb", "a%5Cb", "%", "%4", "%zz", "a%00", "%25"})
    EXPECT_FALSE(decode_segment(text)) << text;
}

TEST(HeadWriter, LetsNoControlByteThrough) {
  std::string out;
  HeadWriter writer(out);
  EXPECT_FALSE(writer.field("x-a", "b\r\nx-evil: 1"));
  EXPECT_FALSE(writer.field("x-a", std::string_view("b\0c", 3)));
  EXPECT_FALSE(writer.field("x a", "b"));
  EXPECT_FALSE(writer.field("", "b"));
  EXPECT_EQ(out, "");
  EXPECT_TRUE(writer.field("x-a", "b\tc \xc3\xa9"));
  EXPECT_EQ(out, "x-a: b\tc \xc3\xa9\r\n");
}

TEST(ErrorBody, IsJsonWhateverTheMessage) {
  const Error error{Code::model_not_found, "no \"model\"\n\x01"};
  const std::string body = error_body(error, {.param = "model", .policy = "x"});
  EXPECT_FALSE(json::check(body));
  EXPECT_EQ(
      body,
      R"({"error":{"message":"no \"model\"\u000a\u0001","type":"not_found_error","param":"model","code":"model_not_found","policy":"x"}})");
  EXPECT_EQ(error_body({Code::internal, "x"}),
            R"({"error":{"message":"x","type":"internal_error","param":null,"code":"internal_error"}})");
}

}  // namespace
}  // namespace kt::http
