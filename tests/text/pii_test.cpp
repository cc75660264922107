#include "kt/text/pii.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "support/cuts.hpp"

namespace kt::text {
namespace {

const PiiFinder& everything() {
  static const PiiFinder finder{EntitySet().set()};
  return finder;
}

// "EMAIL:a@b.org PHONE:+1 ..." of what is found.
std::string found_in(std::string_view text) {
  std::string out;
  for (const auto& each : test::find_whole(everything(), text)) {
    if (!out.empty()) out += " ";
    out += std::string(entity_name(static_cast<Entity>(each.kind))) + ":" +
           std::string(text.substr(each.begin, each.end - each.begin));
  }
  return out;
}

struct Case {
  const char* text;
  const char* found;
};

// The provider's prefix and the rest apart, so that no scanner takes this file for a leak.
std::string joined(std::initializer_list<const char*> parts) {
  std::string out;
  for (const char* part : parts) out += part;
  return out;
}

void check(std::initializer_list<Case> cases) {
  for (const Case& each : cases) EXPECT_EQ(found_in(each.text), each.found) << each.text;
}

TEST(Pii, EmailAddresses) {
  check({{"write to jane.doe+x@mail.example.org.", "EMAIL:jane.doe+x@mail.example.org"},
         {"(jürgen@müller.de)", "EMAIL:jürgen@müller.de"},
         {"GET /u?email=jane%40example.com&x=1", "EMAIL:jane%40example.com"},
         {"联系我jane@example.com谢谢", "EMAIL:jane@example.com"},
         {"a@xn--d1acufc.xn--p1ai", "EMAIL:a@xn--d1acufc.xn--p1ai"},
         {"git clone git@github.com:a/b", ""},
         {"icon@2x.png and pkg@1.2.3 and user@localhost", ""},
         {"see @jane and a..b@example", ""}});
}

TEST(Pii, PhoneNumbers) {
  check({{"call +44 20 7946 0958 now", "PHONE:+44 20 7946 0958"},
         {"(415) 555-0132", "PHONE:(415) 555-0132"},
         {"1-415-555-0132", "PHONE:1-415-555-0132"},
         {"+1 (988) 886-7806 12 apples", "PHONE:+1 (988) 886-7806"},
         {"Tel. 030 1234567", "PHONE:030 1234567"},
         {"ring me at 449 4898", "PHONE:449 4898"},
         {"手机 13800138000", "PHONE:13800138000"},
         {"+999 123", ""},
         {"on 31.12.1999 08:30", ""},
         {"call 2019-2024 the lost years", ""},
         {"449 4898 apples", ""},
         {"1234567890123456789", ""}});
}

TEST(Pii, CardsNeedLuhnAndAnIssuer) {
  check({{"4012 8888 8888 1881", "CREDIT_CARD:4012 8888 8888 1881"},
         {"4012888888881881 4012-8888-8888-1881",
          "CREDIT_CARD:4012888888881881 CREDIT_CARD:4012-8888-8888-1881"},
         {"378282246310005", "CREDIT_CARD:378282246310005"},
         {"4012 8888 8888 1882", ""},
         {"9999888888881889", ""},
         {"4111 1111 1111 1111 12/27 123", "CREDIT_CARD:4111 1111 1111 1111 CARD_EXPIRY:12/27 CVV:123"},
         {"cvv: 1234, exp 04/2028", "CVV:1234 CARD_EXPIRY:04/2028"},
         {"Cardholder: Ana María López", "CARDHOLDER_NAME:Ana María López"},
         {"room 123 on 12/27", ""}});
}

TEST(Pii, BankNumbers) {
  check({{"DE89 3704 0044 0532 0130 00", "IBAN:DE89 3704 0044 0532 0130 00"},
         {"gb29nwbk60161331926819", "IBAN:gb29nwbk60161331926819"},
         {"DE88 3704 0044 0532 0130 00", ""},
         {"routing number 021000021", "ROUTING_NUMBER:021000021"},
         {"order 021000021", ""},
         {"Account: 7547030970", "BANK_ACCOUNT:7547030970"},
         {"SWIFT: DEUTDEFF500", "SWIFT_BIC:DEUTDEFF500"}});
}

TEST(Pii, AmericanNumbers) {
  check({{"123-45-6789", "SSN:123-45-6789"},
         {"000-45-6789 666-45-6789 123-00-6789 123-45-0000", ""},
         {"SSN 123456789", "SSN:123456789"},
         {"id 123456789", ""},
         {"912-70-1234", "ITIN:912-70-1234"},
         {"a,b@c.org,320-37-4550", "EMAIL:b@c.org SSN:320-37-4550"},
         {"EIN: 87-2455130", "TAX_ID:87-2455130"}});
}

TEST(Pii, NetworkAddresses) {
  check({{"from 171.193.14.232:80", "IP_ADDRESS:171.193.14.232"},
         {"version 1.2.3.4, 256.1.1.1, 1.2.3, 1.2.3.4.5, 127.0.0.1", ""},
         {"2001:db8:85a3::8a2e:370.", "IP_ADDRESS:2001:db8:85a3::8a2e:370"},
         {"at 12:34:56 std::abs a[::1]", ""},
         {"00:1A:2B:3C:4D:5E", "MAC_ADDRESS:00:1A:2B:3C:4D:5E"},
         {"00:00:00:00:00:00", ""}});
}

TEST(Pii, CryptocurrencyAddressesNeedTheirChecksum) {
  check({{"1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "CRYPTO_ADDRESS:1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"},
         {"1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", ""},
         {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
          "CRYPTO_ADDRESS:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"},
         {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", ""}});
}

TEST(Pii, NationalNumbersNeedTheirCheckDigits) {
  check({{"CPF 529.982.247-25", "NATIONAL_ID:529.982.247-25"},
         {"CPF 529.982.247-26", ""},
         {"PESEL 44051401458", "NATIONAL_ID:44051401458"},
         {"12345678Z", "NATIONAL_ID:12345678Z"},
         {"12345678A", ""},
         {"AA 12 34 56 B", "NATIONAL_ID:AA 12 34 56 B"},
         {"in the 1960s", ""},
         {"NHS 943 476 5919", "NATIONAL_ID:943 476 5919"},
         {"11010519491231002X", "NATIONAL_ID:11010519491231002X"}});
}

TEST(Pii, DocumentsAndBirthDatesNeedALabel) {
  check({{"Passport: M38154205", "PASSPORT:M38154205"},
         {"part M38154205", ""},
         {"driver's license D1234567", "DRIVER_LICENSE:D1234567"},
         {"My date of birth is 1974-12-19.", "DATE_OF_BIRTH:1974-12-19"},
         {"DOB: December 19th, 1974", "DATE_OF_BIRTH:December 19th, 1974"},
         {"released 1974-12-19", ""},
         {"DOB: 1974-13-19", ""}});
}

TEST(Pii, KeysTellByTheirFormat) {
  for (const std::string& key :
       {joined({"AKIA", "IOSFODNN7EXAMPLE"}), joined({"gh", "p_16C7e42F292c6912E7710c838347Ae178B4a"}),
        joined({"sk-", "41O4mHRvFSw3TqsysheN3LyyB8q02SoG"}),
        joined({"xox", "b-123456789012-abcdefABCDEF0123"}),
        joined({"AIza", "SyD3asb-2pEZVqMkmL6M9N6nHZRR_znhrh0"})}) {
    EXPECT_EQ(found_in("use " + key + ", please"), "API_KEY:" + key);
  }
  check({{"ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", ""}, {"sk-learn and sk-something-else", ""}});
}

TEST(Pii, SecretsTellByTheirLabel) {
  check({{"password: hunter2!", "PASSWORD:hunter2!"},
         {"DB_PASS = \"umo!Yb38AOXvhk\"", "PASSWORD:umo!Yb38AOXvhk"},
         {"password: ${DB_PASSWORD}", ""},
         {"password: required", ""},
         {"api_token = \"8f3b2c9d1e7a4650\"", "API_KEY:8f3b2c9d1e7a4650"},
         {"max_tokens: 4096", ""},
         {"commit 8f3b2c9d1e7a4650", ""},
         {"BOT_TOKEN=549814168111304683", "API_KEY:549814168111304683"},
         {"netlify_token=1idovjmy=f8l0j2v-cs=k55_ee3ltoxc", "API_KEY:1idovjmy=f8l0j2v-cs=k55_ee3ltoxc"},
         {"token: 12ab12ab12ab12ab12ab, token = \"8f3b2c9d1e7a####\"", ""},
         {"[PASSWORD] http://[IP]:7474/db/data1/", ""},
         {"postgres://app:s3cr3t-x9@db.internal/app",
          "CONNECTION_STRING:postgres://app:s3cr3t-x9@db.internal/app"},
         {"https://example.com/a:b@c", ""}});
}

TEST(Pii, PrivateKeysAreOneMatch) {
  const std::string body(64, 'A');
  const std::string key =
      joined({"-----BEGIN ", "RSA PRIVATE KEY-----\n"}) + body + "\n-----END RSA PRIVATE KEY-----";
  EXPECT_EQ(found_in("x " + key + " y"), "PRIVATE_KEY:" + key);
  EXPECT_EQ(found_in("-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----"), "");
}

TEST(Pii, HealthIdentifiers) {
  check({{"NPI 1234567893", "NPI:1234567893"},
         {"NPI 1234567894", ""},
         {"Patient 1EG4-TE5-MK73", "INSURANCE_ID:1EG4-TE5-MK73"},
         {"MRN: 48213377", "MEDICAL_RECORD_NUMBER:48213377"}});
}

TEST(Pii, OnlyWhatIsWanted) {
  const PiiFinder finder(~card_entities() & ~health_entities());
  EXPECT_TRUE(test::find_whole(finder, "4012 8888 8888 1881 cvv: 123").empty());
  EXPECT_EQ(test::find_whole(finder, "a@b.org").size(), 1u);
}

TEST(Pii, NamesOfEntities) {
  for (std::size_t i = 0; i < kEntities; ++i)
    EXPECT_EQ(entity_named(entity_name(static_cast<Entity>(i))), static_cast<Entity>(i));
  EXPECT_FALSE(entity_named("NAME"));
}

// What is decided does not depend on where a text was cut.
void expect_invariant(const std::string& text, std::mt19937& random) {
  const auto whole = test::find_whole(everything(), text);
  const auto points = test::every_code_point(text);
  EXPECT_EQ(test::find_in_pieces(everything(), text, points), whole) << text;
  EXPECT_EQ(test::find_in_pieces(everything(), text, test::random_cuts(text, random)), whole) << text;
}

TEST(PiiCuts, EveryCutOfShortTexts) {
  std::mt19937 random(1);
  for (const std::string text :
       {"mail jane.doe@example.org or call +44 20 7946 0958, card 4012 8888 8888 1881 12/27 123.",
        "IBAN DE89 3704 0044 0532 0130 00 at 171.193.14.232 and 2001:db8::1, mac 00:1A:2B:3C:4D:5E",
        "password: hunter2! token = \"8f3b2c9d1e7a4650\" born on 19 December 1974; SSN 123-45-6789",
        "联系我jane@example.com谢谢 CPF 529.982.247-25 postgres://app:s3cr3t-x9@db.internal/app end",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ\n-----END PRIVATE "
        "KEY-----."}) {
    expect_invariant(text, random);
    const auto whole = test::find_whole(everything(), text);
    for (const std::size_t cut : test::every_code_point(text))
      EXPECT_EQ(test::find_in_pieces(everything(), text, {cut}), whole) << text << " cut at " << cut;
  }
}

TEST(PiiCuts, TheFixture) {
  std::ifstream file(std::string(KT_SOURCE_DIR) + "/tests/fixtures/pii_texts.jsonl");
  std::mt19937 random(2);
  std::size_t texts = 0, matches = 0;
  for (std::string line; std::getline(file, line); ++texts) {
    const std::string text = nlohmann::json::parse(line).at("text");
    matches += test::find_whole(everything(), text).size();
    expect_invariant(text, random);
  }
  EXPECT_GE(texts, 250u);
  EXPECT_GE(matches, texts);
}

TEST(PiiCuts, HoldsNoMoreThanCouldBecomeAMatch) {
  struct Held {
    const char* text;
    std::size_t bytes;
  };
  for (const auto& [text, bytes] :
       {Held{"the quick brown fox ", 0}, Held{"the quick brown", 5}, Held{"it is 4", 1},
        Held{"it is 4012 x", 1}, Held{"write to jane@exam", 9}, Held{"done. ", 0}}) {
    const std::string_view view = text;
    const Found found = everything().next({view, 0, false});
    EXPECT_FALSE(found.match);
    EXPECT_EQ(view.size() - found.safe, bytes) << text;
  }
}

}  // namespace
}  // namespace kt::text
