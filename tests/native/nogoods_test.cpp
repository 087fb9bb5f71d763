// Dead ends: found again at their place only, by what covers them, and forgotten when there are
// many.

#include "nogoods.hpp"

#include <cstdint>

#include "check.hpp"

namespace {

using Mask = holdfast::SmallMask;
using Config = holdfast::Configuration<Mask>;
using Nogoods = holdfast::Nogoods<Mask>;

Config in_state(holdfast::State state) {
    Config config(1);
    config.state = state;
    return config;
}

const std::uint64_t* find(const Nogoods& nogoods, std::uint64_t key, std::int32_t at,
                          holdfast::State state) {
    return nogoods.find(key, at,
                        [&](const Config& dead, std::uint64_t) { return dead.state == state; });
}

void found_with_what_was_lacking() {
    Nogoods nogoods(1'000);
    require(find(nogoods, 7, 3, 1) == nullptr, "nothing is known yet");
    nogoods.add(7, 3, in_state(1), 5);
    nogoods.add(7, 3, in_state(2), 6);
    require(find(nogoods, 7, 3, 1) != nullptr && *find(nogoods, 7, 3, 1) == 5, "the first");
    require(find(nogoods, 7, 3, 2) != nullptr && *find(nogoods, 7, 3, 2) == 6, "the second");
    require(find(nogoods, 7, 3, 3) == nullptr, "what covers nothing");
    // Keys are mixed of the place too, but two can be alike.
    require(find(nogoods, 7, 4, 1) == nullptr, "another place");
    require(find(nogoods, 8, 3, 1) == nullptr, "another key");
}

void all_are_found_while_they_grow() {
    Nogoods nogoods(1'000);
    std::size_t bytes = 0;
    for (std::int32_t i = 0; i < 1'000; ++i) {
        nogoods.add(static_cast<std::uint64_t>(i % 300), i, in_state(i), 0);
        for (std::int32_t known = 0; known <= i; known += 37) {
            require(find(nogoods, static_cast<std::uint64_t>(known % 300), known, known) != nullptr,
                    "one that was there before");
        }
        require(nogoods.bytes() >= bytes, "memory grows");
        bytes = nogoods.bytes();
    }
}

void the_oldest_are_forgotten() {
    Nogoods nogoods(4);
    for (std::int32_t i = 0; i < 10; ++i) nogoods.add(0, i, in_state(i), 0);
    for (std::int32_t i = 0; i < 10; ++i) {
        require((find(nogoods, 0, i, i) != nullptr) == (i >= 4),
                "the latest are kept, and no more");
    }
}

}  // namespace

int main() {
    found_with_what_was_lacking();
    all_are_found_while_they_grow();
    the_oldest_are_forgotten();
}
