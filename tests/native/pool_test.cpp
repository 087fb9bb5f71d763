// A growing array: against std::vector, and that nothing in it moves.

#include "pool.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include "check.hpp"

int main() {
    holdfast::Pool<std::string> pool;
    require(pool.empty() && pool.size() == 0 && pool.bytes() == 0, "empty at first");
    std::vector<std::string> expected;
    std::vector<const std::string*> places;
    for (int i = 0; i < 5'000; ++i) {
        pool.push_back(std::to_string(i));
        expected.push_back(std::to_string(i));
        places.push_back(&pool[static_cast<std::size_t>(i)]);
        require(pool.back() == expected.back(), "the last");
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
        require(pool[i] == expected[i], "what was put there");
        require(&pool[i] == places[i], "it has moved");
    }
    require(pool.size() == 5'000 && pool.bytes() == 5'000 * sizeof(std::string), "its size");
    pool.pop_back();
    require(pool.size() == 4'999 && pool.back() == "4998", "without the last");
    // From 64 and 128 on another block begins.
    for (const std::size_t size : {129, 128, 127, 65, 64, 63, 1, 0}) {
        pool.truncate(size);
        require(pool.size() == size, "cut off");
        require(size == 0 || pool.back() == expected[size - 1], "the last of those that are left");
        pool.push_back("again");
        require(pool.back() == "again" && &pool.back() == places[size], "in the same place again");
    }
}
