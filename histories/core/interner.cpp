#include "interner.hpp"

#include <utility>

namespace holdfast {

void Interner::grow() {
    std::vector<Slot> old(slots_.size() * 2);
    std::swap(old, slots_);
    for (const Slot& slot : old) {
        if (slot.number == empty) continue;
        std::size_t place = slot.hash & (slots_.size() - 1);
        while (slots_[place].number != empty) place = (place + 1) & (slots_.size() - 1);
        slots_[place] = slot;
    }
}

}  // namespace holdfast
