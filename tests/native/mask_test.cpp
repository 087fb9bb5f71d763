// Sets of slots: both kinds against std::set, wide ones across the borders of machine words.

#include "mask.hpp"

#include <algorithm>
#include <iterator>
#include <random>
#include <set>

#include "check.hpp"

namespace {

template <class Mask>
Mask made(const std::set<int>& slots, int size) {
    Mask mask(size);
    for (const int slot : slots) mask.add(slot);
    return mask;
}

std::set<int> random_slots(std::mt19937_64& random, int size) {
    std::set<int> slots;
    for (int slot = 0; slot < size; ++slot) {
        if (random() % 3 == 0) slots.insert(slot);
    }
    return slots;
}

template <class Mask>
void agrees_with_set(int size) {
    std::mt19937_64 random(static_cast<unsigned>(size));
    for (int round = 0; round < 200; ++round) {
        std::set<int> left = random_slots(random, size);
        const std::set<int> right = random_slots(random, size);
        std::set<int> both;
        std::set<int> but;
        std::set_intersection(left.begin(), left.end(), right.begin(), right.end(),
                              std::inserter(both, both.end()));
        std::set_difference(left.begin(), left.end(), right.begin(), right.end(),
                            std::inserter(but, but.end()));
        Mask mask = made<Mask>(left, size);
        const Mask other = made<Mask>(right, size);
        require(mask.both(other) == made<Mask>(both, size), "both");
        require(mask.but(other) == made<Mask>(but, size), "but");
        require(mask.within(other) == but.empty(), "within");
        require(mask.both(other).within(mask) && mask.within(mask), "a part is within the whole");
        require((mask == other) == (left == right), "equal");
        require(made<Mask>(left, size).hash() == mask.hash(), "equal sets hash alike");
        for (int slot = 0; slot < size; ++slot) {
            require(mask.has(slot) == left.contains(slot), "has");
        }
        for (int slot = 0; slot < size; slot += 7) {
            mask.remove(slot);
            left.erase(slot);
        }
        require(mask == made<Mask>(left, size), "remove");
    }
}

}  // namespace

int main() {
    for (const int size : {1, 2, 63, 64}) agrees_with_set<holdfast::SmallMask>(size);
    for (const int size : {1, 63, 64, 65, 128, 129, 200}) agrees_with_set<holdfast::WideMask>(size);
    agrees_with_set<holdfast::WideMask>(0);
}
