// When one configuration makes another superfluous: a table of small ones.

#include "configuration.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "check.hpp"

namespace {

using Mask = holdfast::SmallMask;
using Config = holdfast::Configuration<Mask>;
using Slots = std::initializer_list<int>;

// All open at once, each in the slot of its number: one that does neither, one that observes, and
// two that overwrite.
constexpr int OTHER = 0, READ = 1, WRITE = 2, LATER = 3;
const std::vector<std::int32_t> op_class{0, 1, 2, 2};
const std::vector<std::uint8_t> class_kind{0, 1, 2};
const std::vector<std::int32_t> endpoints{0, 1, 2, 3, ~0, ~1, ~2, ~3};
const holdfast::Problem problem(op_class, class_kind, endpoints);

Config config(Slots done, Slots spare) {
    Config made(problem.slots);
    for (const int slot : done) made.done.add(slot);
    for (const int slot : spare) made.spare.add(slot);
    return made;
}

struct Example {
    std::string name;
    Config first;
    Config second;
    bool covers;
};

const std::vector<Example> EXAMPLES{
    {"itself", config({OTHER}, {}), config({OTHER}, {}), true},
    {"fewer observations made", config({READ}, {}), config({}, {}), true},
    {"more observations made", config({}, {}), config({READ}, {}), false},
    {"it has overwritten with more", config({WRITE}, {WRITE}), config({}, {}), false},
    {"what is left open may pass unseen", config({}, {WRITE}), config({WRITE}, {WRITE}), true},
    {"what is left open must be seen", config({}, {}), config({WRITE}, {WRITE}), false},
    {"less may pass unseen", config({}, {WRITE}), config({}, {WRITE, LATER}), false},
    {"more may pass unseen", config({}, {WRITE, LATER}), config({}, {WRITE}), true},
    {"what may pass unseen is done", config({LATER}, {LATER}), config({LATER}, {LATER}), true},
    {"one done, one left open", config({LATER}, {WRITE, LATER}),
     config({WRITE, LATER}, {WRITE, LATER}), true},
};

void covers() {
    holdfast::Scene<Mask> scene(problem);
    for (const std::int32_t mark : {0, 1, 2, 3}) scene.forward(mark);
    for (int op = 0; op < 4; ++op) {
        require(problem.slot[static_cast<std::size_t>(op)] == op, "its own slot");
    }
    for (const Example& example : EXAMPLES) {
        require(compared(example.first, scene) == compared(example.second, scene), "comparable");
        require(covers(example.first, example.second, scene) == example.covers, example.name);
    }
    require(!(compared(config({OTHER}, {}), scene) == compared(config({}, {}), scene)),
            "what neither observes nor overwrites is compared");
    require(compared(config({READ, WRITE}, {}), scene) == compared(config({}, {}), scene),
            "what observes or overwrites is not");
}

void same() {
    const Config given = config({OTHER}, {WRITE});
    Config other = given;
    other.trail = 7;
    require(same(given, other), "however it came about");
    const auto differs = [&](auto change) {
        Config changed = given;
        change(changed);
        return !same(given, changed);
    };
    require(differs([](Config& changed) { changed.state = 1; }), "the state");
    require(differs([](Config& changed) { changed.used = 1; }), "what was used");
    require(differs([](Config& changed) { changed.done.add(READ); }), "what is done");
    require(differs([](Config& changed) { changed.spare.add(LATER); }), "what may pass unseen");
}

}  // namespace

int main() {
    covers();
    same();
}
