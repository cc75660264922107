#include "text/fold_table.hpp"

#include <bit>
#include <cstring>

namespace kt::embedded {
std::string_view fold_table();
}

namespace kt::text {
namespace {

static_assert(std::endian::native == std::endian::little, "the table is read as it stands");

struct Header {
  char magic[8];
  std::uint32_t pages, records, pool;
};

struct Row {
  std::uint8_t normal_length, full_length, flags, zero;
  std::uint32_t normal_at, full_at;
};

template <class T>
T read(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

}  // namespace

// The file is part of the binary: it is what the script wrote.
FoldTable::FoldTable(std::string_view bytes) {
  const auto header = read<Header>(bytes, 0);
  std::size_t at = sizeof header;
  std::memcpy(page_of_.data(), bytes.data() + at, sizeof page_of_);
  at += sizeof page_of_;
  pages_.resize(header.pages * 256u);
  std::memcpy(pages_.data(), bytes.data() + at, pages_.size() * sizeof(std::uint16_t));
  at += pages_.size() * sizeof(std::uint16_t);
  const std::string_view pool = bytes.substr(at + header.records * sizeof(Row), header.pool);
  for (std::uint32_t i = 0; i < header.records; ++i, at += sizeof(Row)) {
    const auto row = read<Row>(bytes, at);
    records_.push_back({pool.substr(row.normal_at, row.normal_length),
                        pool.substr(row.full_at, row.full_length), row.flags});
  }
}

const FoldTable& FoldTable::get() {
  static const FoldTable table(embedded::fold_table());
  return table;
}

}  // namespace kt::text
