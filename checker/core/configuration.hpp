#pragma once

#include <cstddef>
#include <cstdint>

#include "scene.hpp"
#include "table.hpp"
#include "trail.hpp"
#include "used.hpp"

namespace holdfast {

// A point of the search at some return: which open operations took effect, and what came of it.
// Its size does not depend on the length of the history.
template <class Mask>
struct Configuration {
    explicit Configuration(int slots = 0) : done(slots), spare(slots) {}
    // What it takes beside its own size, as any other of the same search.
    std::size_t heap_bytes() const { return done.heap_bytes() + spare.heap_bytes(); }

    Mask done;
    // Those that may have taken effect unseen, just before the latest overwriting operation: the
    // overwriting ones that were open by then, so all of them that are done.
    Mask spare;
    State state = 0;
    std::int32_t used = UsedSets::NONE;
    std::int32_t trail = Trail::START;
};

// What two configurations must have done alike if one is to cover the other.
template <class Mask>
Mask compared(const Configuration<Mask>& config, const Scene<Mask>& scene) {
    return config.done.but(scene.observing()).but(scene.overwriting());
}

// Whether whatever the second can still do, the first can do as well, but for operations of unknown
// outcome. Both are at the same place and in the same state, and compared() equal.
template <class Mask>
bool covers(const Configuration<Mask>& first, const Configuration<Mask>& second,
            const Scene<Mask>& scene) {
    // Every observation that the second has made, the first has made.
    return second.done.both(scene.observing()).within(first.done) &&
           // What the first has overwritten with, the second has too.
           first.done.both(scene.overwriting()).within(second.done) &&
           // What the second can let pass unseen, the first can too: so also what the second alone
           // has overwritten with, as that is spare.
           second.spare.within(first.spare);
}

// Whether there is no difference but in how they came about.
template <class Mask>
bool same(const Configuration<Mask>& first, const Configuration<Mask>& second) {
    return first.state == second.state && first.done == second.done &&
           first.spare == second.spare && first.used == second.used;
}

}  // namespace holdfast
