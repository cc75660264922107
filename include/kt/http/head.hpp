#pragma once
// The strict gate: HTTP/1.x message heads read in place (RFC 9110, 9112), with one possible reading or a
// refusal. Views point into the given bytes. No allocation on the accepted path.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kt::http {

inline constexpr std::size_t kMaxFields = 100;

struct Field {
  std::string_view name, value;  // value without surrounding white space
};

struct HeadLimits {
  std::size_t max_head_bytes = 16u << 10;
  std::size_t max_target_bytes = 8u << 10;
};

enum class Method : unsigned char { get, head, post, put, patch, del, options, other };

struct Fields {
  std::array<Field, kMaxFields> items;
  std::size_t count = 0;
  [[nodiscard]] const Field* begin() const { return items.data(); }
  [[nodiscard]] const Field* end() const { return items.data() + count; }
  // The first field of that name (ASCII case-insensitive; give it in lower case), or nullptr.
  [[nodiscard]] const Field* find(std::string_view lower_name) const;
};

enum class Framing : unsigned char { none, length, chunked, until_close };  // until_close: responses only

struct RequestHead {
  Method method = Method::other;
  std::string_view method_text;
  std::string_view target;  // as sent
  std::string_view path,
      query;  // of origin-form and absolute-form targets; query without '?'; path "*" for asterisk-form
  std::string_view host;  // the authority of an absolute-form target, else Host
  int minor = 1;
  Framing framing = Framing::none;
  std::uint64_t content_length = 0;
  bool keep_alive = true;
  bool expect_continue = false;
  Fields fields;
};

struct ResponseHead {
  int status = 0;
  int minor = 1;
  std::string_view reason;
  Framing framing = Framing::none;
  std::uint64_t content_length = 0;
  bool keep_alive = true;
  Fields fields;
};

enum class HeadState : unsigned char { complete, incomplete, reject };

struct HeadResult {
  HeadState state = HeadState::incomplete;
  std::size_t consumed = 0;  // complete: bytes of the head, skipped leading CRLF and the empty line included
  int status = 400;          // reject: 400, 414, 417, 431, 501 or 505 (without meaning for responses)
  const char* reason = nullptr;  // reject: a phrase without any of the bytes
};

// Reads the head at the front of `bytes`. Also rejects what can no longer become a valid head, however few
// bytes are there.
HeadResult parse_request_head(std::string_view bytes, const HeadLimits& limits, RequestHead& head);

// `to_head`: the response answers a HEAD request and has no body. 1xx other than 101 are complete heads of
// their own; 101 is rejected, it was never asked for.
HeadResult parse_response_head(std::string_view bytes, const HeadLimits& limits, bool to_head,
                               ResponseHead& head);

// Chunked bodies (RFC 9112 7.1) from bytes in any cutting. Extensions and trailers are read, bounded and
// dropped.
class ChunkedDecoder {
 public:
  enum class State : unsigned char { more, done, bad };
  struct Step {
    State state = State::more;
    std::size_t consumed = 0;      // bytes of the input used
    std::string_view data;         // body bytes inside the input; may be empty
    const char* reason = nullptr;  // bad
  };
  // Reads at most to the end of one run of body bytes. Call again with the rest until all is consumed, done
  // or bad.
  Step step(std::string_view input);

 private:
  enum class Phase : unsigned char {
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_lf,
    end_lf,
    done,
    bad
  };
  // What may come next inside a chunk extension.
  enum class Ext : unsigned char {
    before_semicolon,
    before_name,
    name,
    after_name,
    before_value,
    value,
    quoted,
    quoted_pair,
    after_value
  };

  bool extension_byte(char c);
  Step bad(const char* reason);
  bool overhead(std::size_t bytes);

  Phase phase_ = Phase::size;
  Ext ext_ = Ext::before_semicolon;
  bool any_digit_ = false;
  std::uint64_t size_ = 0;  // of the chunk at hand: what is left of it
  std::uint64_t body_bytes_ = 0, overhead_bytes_ = 0;
  std::size_t line_bytes_ = 0;  // of the extension or the trailers
};

}  // namespace kt::http
