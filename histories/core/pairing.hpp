#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "interner.hpp"

namespace holdfast {

enum class Type : std::uint8_t { ok, fail, info, invoke };

// What a line says, as it is written there. The texts point into the line.
struct Event {
    static constexpr std::int64_t none = -1;
    static constexpr std::string_view null = "null            ";  // with the slack behind it

    std::int64_t index = none;
    std::int64_t time = none;
    Type type{};
    std::string_view process;
    std::string_view f;
    std::string_view value = null.substr(0, 4);
    std::string_view key = null.substr(0, 4);
    std::string_view error = null.substr(0, 4);
};

// Where a line stands in the file: its first byte, and its number, from 1.
struct Place {
    std::int64_t offset = 0;
    std::int64_t line = 0;
};

// Joins completions to invocations, as _Pairing in history.py does, and keeps them in columns: a
// row for each operation, in the order of invocation. The texts that it is given must stay.
class Pairing {
public:
    Pairing();

    // Whether the event can have happened, for certain. After the first that cannot, all is void.
    bool add(const Event& event, Place place);

    // Prepares for an event that will soon be added. In a table of a million texts, a look-up is
    // mostly waiting for memory.
    void expect(const Event& event) const;

    // The instants in nanoseconds or, without times, as positions among the events.
    std::vector<std::int64_t> invoked;
    std::vector<std::int64_t> completed;  // never, where no completion was recorded
    std::vector<std::uint8_t> outcome;    // a Type, but no invoke
    std::vector<std::int32_t> f;
    std::vector<std::int32_t> process;
    std::vector<std::int32_t> key;
    std::vector<std::int32_t> value;
    std::vector<std::int32_t> answer;  // the value if ok, the error if fail, else that of null
    std::vector<std::int64_t> begins;  // the place of the invocation
    std::vector<std::int64_t> ends;    // that of the completion, or never
    std::vector<std::int32_t> line;
    std::vector<std::int64_t> notes;           // where the lines that are no client's begin
    std::vector<std::int64_t> note_positions;  // their places among the events

    Interner functions;
    Interner processes;
    Interner keys;
    Interner values;
    std::int64_t events = 0;
    bool timed = false;

private:
    static constexpr std::int64_t never = -1;
    // What a process is doing, where it is not in the midst of an operation.
    static constexpr std::int32_t idle = -1;
    static constexpr std::int32_t retired = -2;

    bool follows(const Event& event);
    bool invoke(const Event& event, std::int64_t instant, Place place);
    bool complete(const Event& event, std::int64_t instant, Place place);

    std::vector<std::int32_t> doing_;  // of each process, the number of its open operation
    std::int64_t last_index_ = Event::none;
    std::int64_t last_time_ = Event::none;
};

}  // namespace holdfast
