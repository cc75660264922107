#include <charconv>
#include <ctime>

#include "kt/http/writer.hpp"
#include "kt/net/session.hpp"

namespace kt::net {
namespace {

// "date: ...\r\n", made anew once a second.
std::string_view date_line() {
  thread_local std::time_t made = 0;
  thread_local char line[48];
  thread_local std::size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != made) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    size = std::strftime(line, sizeof line, "date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    made = now;
  }
  return {line, size};
}

}  // namespace

Downstream::Downstream(Connection& connection, const http::RequestHead& head, const bool& draining)
    : connection_(connection),
      draining_(draining),
      keep_alive_(head.keep_alive),
      head_only_(head.method == http::Method::head),
      chunked_(head.minor >= 1) {}

void Downstream::render_head(int status, std::string_view fields, std::string_view framing) {
  if (draining_) keep_alive_ = false;
  head_.clear();
  head_.reserve(fields.size() + 256);
  http::HeadWriter writer(head_);
  writer.status(status);
  head_.append(fields);
  head_.append(date_line());
  head_.append(framing);
  head_.append(keep_alive_ ? std::string_view("\r\n") : std::string_view("connection: close\r\n\r\n"));
}

Connection::SendAwait Downstream::reply(int status, std::string_view fields, std::string_view body) {
  char framing[48] = "content-length: ";
  char* end = std::to_chars(framing + 16, framing + 40, body.size()).ptr;
  *end++ = '\r';
  *end++ = '\n';
  render_head(status, fields, {framing, static_cast<std::size_t>(end - framing)});
  committed_ = finished_ = true;
  Pieces pieces(head_);
  if (!head_only_) pieces.add(body);
  return connection_.send(pieces);
}

void Downstream::begin_stream(int status, std::string_view fields) {
  if (!chunked_) keep_alive_ = false;
  render_head(status, fields,
              chunked_ ? std::string_view("transfer-encoding: chunked\r\n") : std::string_view());
}

Connection::SendAwait Downstream::chunk(std::string_view data) {
  Pieces pieces;
  if (!committed_) pieces.add(head_);
  committed_ = true;
  if (!chunked_) {
    pieces.add(data);
    return connection_.send(pieces);
  }
  char* end = std::to_chars(chunk_line_, chunk_line_ + 16, data.size(), 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  pieces.add({chunk_line_, static_cast<std::size_t>(end - chunk_line_)});
  pieces.add(data);
  pieces.add("\r\n");
  return connection_.send(pieces);
}

Connection::SendAwait Downstream::finish(std::string_view data) {
  finished_ = true;
  if (!chunked_ || data.empty()) {
    Pieces pieces;
    if (!committed_) pieces.add(head_);
    committed_ = true;
    pieces.add(data);
    if (chunked_) pieces.add("0\r\n\r\n");
    return connection_.send(pieces);
  }
  Connection::SendAwait send = chunk(data);
  send.pieces.items[send.pieces.count - 1] = {const_cast<char*>("\r\n0\r\n\r\n"),
                                              7};  // NOLINT(cppcoreguidelines-pro-type-const-cast): iovec
  return send;
}

}  // namespace kt::net
