#include "pairing.hpp"

#include <cstddef>

namespace holdfast {
namespace {

constexpr std::int64_t LATEST = std::int64_t{1} << 61;  // as holdfast.histories.history.LATEST_NS

}  // namespace

Pairing::Pairing() {
    const Event nothing;
    keys.number(nothing.key);
    values.number(nothing.value);
}

bool Pairing::add(const Event& event, Place place) {
    if (!follows(event)) return false;
    const std::int64_t position = events++;
    if (event.process == "\"nemesis\"") {
        notes.push_back(place.offset);
        note_positions.push_back(position);
        return true;
    }
    const std::int64_t instant = timed ? event.time : position;
    return event.type == Type::invoke ? invoke(event, instant, place)
                                      : complete(event, instant, place);
}

void Pairing::expect(const Event& event) const {
    if (event.type == Type::invoke) keys.expect(event.key);
    values.expect(event.type == Type::fail ? event.error : event.value);
}

// Whether index and time go on from those of the event before.
bool Pairing::follows(const Event& event) {
    if (event.index != Event::none) {
        if (event.index <= last_index_) return false;
        last_index_ = event.index;
    }
    const bool has_time = event.time != Event::none;
    if (events == 0) timed = has_time;
    if (timed != has_time || event.time < last_time_ || event.time > LATEST) return false;
    last_time_ = event.time;
    return true;
}

bool Pairing::invoke(const Event& event, std::int64_t instant, Place place) {
    const std::int32_t who = processes.number(event.process);
    const std::int32_t called = functions.number(event.f);
    const std::int32_t object = keys.number(event.key);
    const std::int32_t argument = values.number(event.value);
    if (who < 0 || called < 0 || object < 0 || argument < 0) return false;
    const auto client = static_cast<std::size_t>(who);
    if (client == doing_.size()) doing_.push_back(idle);
    if (doing_[client] != idle) return false;
    doing_[client] = static_cast<std::int32_t>(f.size());
    invoked.push_back(instant);
    completed.push_back(never);
    outcome.push_back(static_cast<std::uint8_t>(Type::info));
    f.push_back(called);
    process.push_back(who);
    key.push_back(object);
    value.push_back(argument);
    answer.push_back(0);
    begins.push_back(place.offset);
    ends.push_back(never);
    line.push_back(static_cast<std::int32_t>(place.line));
    return true;
}

bool Pairing::complete(const Event& event, std::int64_t instant, Place place) {
    const std::int32_t who = processes.number(event.process);
    const auto client = static_cast<std::size_t>(who);
    if (who < 0 || client >= doing_.size() || doing_[client] < 0) return false;
    const auto row = static_cast<std::size_t>(doing_[client]);
    // Keys that are written alike are equal; whether others are is left to those who can tell.
    if (event.f != functions[f[row]] || event.key != keys[key[row]]) return false;
    doing_[client] = event.type == Type::info ? retired : idle;
    completed[row] = instant;
    outcome[row] = static_cast<std::uint8_t>(event.type);
    ends[row] = place.offset;
    if (event.type == Type::ok) answer[row] = values.number(event.value);
    if (event.type == Type::fail) answer[row] = values.number(event.error);
    return answer[row] >= 0;
}

}  // namespace holdfast
