#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pairing.hpp"

namespace holdfast {

// What a recording holds. Its texts point into the recording, or into `tail`.
struct Scanned {
    Pairing operations;
    std::string tail;  // the last lines again, with a line break and slack behind them
};

struct ScanLimits {
    std::int64_t line_bytes_max;  // a line with its line break
    std::int64_t events_max;
};

// Reads a recording in JSONL, whole. Fills in `scanned` and returns true if it is certain that the
// reader in Python would take it as well; whatever is wrong or merely odd is left to that one.
bool scan_jsonl(std::string_view text, ScanLimits limits, Scanned& scanned);

}  // namespace holdfast
