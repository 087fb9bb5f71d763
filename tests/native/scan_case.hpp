#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "check.hpp"
#include "scan.hpp"

inline constexpr holdfast::ScanLimits scan_limits{300, 20};

inline bool scans(const std::vector<char>& text, holdfast::Scanned& scanned) {
    // A vector of that very size, so that the address sanitizer sees every byte too far.
    const std::vector<char> exact(text);
    if (!holdfast::scan_jsonl({exact.data(), exact.size()}, scan_limits, scanned)) return false;
    // The texts are read while that which they point into is there.
    for (const auto* table : {&scanned.operations.functions, &scanned.operations.processes,
                              &scanned.operations.keys, &scanned.operations.values}) {
        for (const std::string_view found : table->texts()) {
            require(!std::string(found).empty(), "a text is empty");
        }
    }
    return true;
}

inline void require_sound(const holdfast::Pairing& found) {
    const std::size_t rows = found.f.size();
    for (const std::size_t size :
         {found.invoked.size(), found.completed.size(), found.outcome.size(), found.process.size(),
          found.key.size(), found.value.size(), found.answer.size(), found.begins.size(),
          found.ends.size(), found.line.size()}) {
        require(size == rows, "columns differ in length");
    }
    require(found.events <= scan_limits.events_max, "more events than allowed");
    const auto in = [](std::int32_t number, const holdfast::Interner& table) {
        return 0 <= number && static_cast<std::size_t>(number) < table.texts().size();
    };
    for (std::size_t row = 0; row < rows; ++row) {
        require(in(found.f[row], found.functions) && in(found.process[row], found.processes) &&
                    in(found.key[row], found.keys) && in(found.value[row], found.values) &&
                    in(found.answer[row], found.values),
                "a number is in no table");
        const bool open = found.ends[row] < 0;
        require(open ? found.completed[row] < 0 : found.completed[row] >= found.invoked[row],
                "completed before it was invoked");
        require(open || found.ends[row] > found.begins[row], "lines out of order");
        require(row == 0 || found.begins[row] > found.begins[row - 1], "rows out of order");
    }
}

// Scans any text, and aborts unless it finds the same when all lines are read where they are: when
// a note follows, none of them is among the last.
inline bool check_scan(std::string_view text) {
    std::vector<char> bytes(text.begin(), text.end());
    holdfast::Scanned alone;
    const bool taken = scans(bytes, alone);
    if (taken) require_sound(alone.operations);
    if (bytes.empty() || alone.operations.events >= scan_limits.events_max) return taken;
    if (bytes.back() != '\n') bytes.push_back('\n');
    const std::string note =
        std::string(R"({"type":"info","process":"nemesis","f":"a note of some length")") +
        (alone.operations.timed ? R"(,"time":2305843009213693952})" : "}");
    bytes.insert(bytes.end(), note.begin(), note.end());
    holdfast::Scanned followed;
    require(scans(bytes, followed) == taken, "a note behind it changes whether it is taken");
    if (taken) {
        const auto &one = alone.operations, &other = followed.operations;
        require(one.invoked == other.invoked && one.completed == other.completed &&
                    one.outcome == other.outcome && one.f == other.f &&
                    one.process == other.process && one.key == other.key &&
                    one.value == other.value && one.answer == other.answer &&
                    one.begins == other.begins && one.ends == other.ends && one.line == other.line,
                "a note behind it changes a column");
        require(other.events == one.events + 1 && other.notes.size() == one.notes.size() + 1,
                "the note is not counted");
    }
    return taken;
}
