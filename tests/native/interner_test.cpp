// Texts by number: against a map from the standard library, and texts that were chosen to collide.

#include "interner.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "check.hpp"

namespace {

using holdfast::Interner;

const std::string slack(holdfast::json::slack, '\0');

void against_a_map() {
    std::mt19937_64 random(1);
    std::vector<std::string> texts;
    // So many that some have the same hash.
    for (int i = 0; i < 300'000; ++i) {
        std::string text(random() % 20, '\0');
        for (char& byte : text) byte = static_cast<char>('a' + random() % 3);
        texts.push_back(text + slack);
    }
    Interner interner(2);
    std::map<std::string, std::int32_t> numbers;
    for (const std::string& text : texts) {
        const std::string_view bare(text.data(), text.size() - slack.size());
        const auto next = static_cast<std::int32_t>(numbers.size());
        const std::int32_t number = numbers.try_emplace(std::string(bare), next).first->second;
        require(interner.number(bare) == number, "another number than in the map");
        require(interner[number] == bare, "another text than was numbered");
    }
    require(interner.texts().size() == numbers.size(), "as many texts as in the map");
}

void chosen_to_collide() {
    std::vector<std::string> texts;
    for (int i = 0; texts.size() < 300; ++i) {
        std::string text = std::to_string(i) + slack;
        const std::string_view bare(text.data(), text.size() - slack.size());
        if (Interner::hash_of(bare) % 1024 == 0) texts.push_back(std::move(text));
    }
    Interner interner(2);
    bool gave_up = false;
    for (const std::string& text : texts) {
        const std::string_view bare(text.data(), text.size() - slack.size());
        gave_up = interner.number(bare) == Interner::gave_up || gave_up;
    }
    require(gave_up, "it goes on for ever");
}

}  // namespace

int main() {
    against_a_map();
    chosen_to_collide();
}
