// Searches in several threads at once, each over its own problems: they share nothing.

#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include "search_case.hpp"

int main() {
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < 4; ++thread) {
        threads.emplace_back([thread] {
            std::mt19937_64 random(thread);
            for (int round = 0; round < 1'000; ++round) {
                std::vector<std::uint8_t> bytes(16 + random() % 64);
                for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
                compare(decoded(bytes));
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
}
