#pragma once
// The Asio side of a loop, for the files of this room only.

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <mutex>
#include <vector>

#include "kt/net/loop.hpp"

namespace kt::net {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;

struct Loop::Impl {
  // UNSAFE: one thread, no locks inside Asio. Other threads reach the loop through the mailbox alone.
  asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> tick{context.get_executor()};
  asio::posix::basic_stream_descriptor<Executor> bell{context.get_executor()};

  std::mutex mail_mutex;
  std::vector<std::function<void()>> mail;  // guarded by mail_mutex
};

}  // namespace kt::net
