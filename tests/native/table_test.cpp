// The table asks once: while its rows are whole, and when there are too many of them.

#include "table.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include "check.hpp"

namespace {

using holdfast::State;

// A counter: states are numbered as they are met.
State answer(State state, std::int32_t cls) {
    return cls % 3 == 0 ? holdfast::REFUSED : (cls % 3 == 1 ? state + 1 : state / 2);
}

// states * classes beyond 2^22 makes the last ones sparse.
void asks_once(std::int32_t classes, State states) {
    std::set<std::pair<State, std::int32_t>> asked;
    holdfast::Table table([&](State state, std::int32_t cls) {
        require(asked.emplace(state, cls).second, "asked twice");
        return answer(state, cls);
    });
    const holdfast::Table::Lease lease(table, static_cast<std::size_t>(classes));
    for (State state = 0; state < states; ++state) {
        require(table.next(state, 1) == state + 1, "count up");
        require(table.states() == state + 2, "states met");
    }
    std::mt19937_64 random(1);
    for (int round = 0; round < 20'000; ++round) {
        const auto state = static_cast<State>(random() % static_cast<unsigned>(states));
        const auto cls = static_cast<std::int32_t>(random() % static_cast<unsigned>(classes));
        require(table.next(state, cls) == answer(state, cls), "the first time");
        require(table.next(state, cls) == answer(state, cls), "the second time");
    }
    require(table.bytes() > 0 && table.bytes() < (std::size_t{1} << 26), "memory is bounded");
}

void only_states_that_were_met(State wrong) {
    holdfast::Table table([&](State, std::int32_t) { return wrong; });
    require_refused([&] { table.next(0, 0); }, "no such state");
}

void a_refused_question_is_asked_again(std::int32_t classes) {
    bool fails = true;
    holdfast::Table table([&](State, std::int32_t) -> State {
        if (fails) throw std::runtime_error("the model failed");
        return 1;
    });
    const holdfast::Table::Lease lease(table, static_cast<std::size_t>(classes));
    try {
        table.next(0, 0);
        require(false, "the error was swallowed");
    } catch (const std::runtime_error&) {
        fails = false;
    }
    require(table.next(0, 0) == 1, "after an error");
}

// The second search has more classes, and asks nothing that the first one asked.
void classes_are_added(std::int32_t few, std::int32_t many) {
    constexpr State states = 100;
    std::set<std::pair<State, std::int32_t>> asked;
    holdfast::Table table([&](State state, std::int32_t cls) {
        require(asked.emplace(state, cls).second, "asked again by another search");
        return answer(state, cls);
    });
    for (const std::int32_t classes : {few, many, many}) {
        const holdfast::Table::Lease lease(table, static_cast<std::size_t>(classes));
        for (State state = 0; state < states; ++state) {
            for (std::int32_t cls = 1; cls < classes; ++cls) {
                require(table.next(state, cls) == answer(state, cls), "with more classes");
            }
        }
        require(table.states() == states + 1, "all states are known");
    }
}

void states_are_counted_anew() {
    holdfast::Table table(answer);
    for (int search = 0; search < 2; ++search) {
        const holdfast::Table::Lease lease(table, 2);
        require(table.locals() == 0, "none yet");
        for (const State state : {0, 1, 2}) table.next(state, 1);
        require(table.local(2) == 0 && table.local(1) == 1 && table.local(2) == 0, "as they come");
        require(table.locals() == 2, "two were met");
    }
}

void one_search_at_a_time() {
    holdfast::Table table(answer);
    {
        const holdfast::Table::Lease lease(table, 1);
        try {
            const holdfast::Table::Lease second(table, 1);
            require(false, "lent twice");
        } catch (const std::logic_error& error) {
            require(error.what() == std::string("a table serves one search at a time"), "why");
        }
    }
    const holdfast::Table::Lease lease(table, 1);
}

}  // namespace

int main() {
    classes_are_added(2, 3);
    classes_are_added(250, 260);
    classes_are_added(300, 2'000);
    states_are_counted_anew();
    one_search_at_a_time();
    only_states_that_were_met(2);
    only_states_that_were_met(-2);
    asks_once(6, 6);
    asks_once(2, 1);
    asks_once(20'000, 300);
    asks_once(5'000'000, 4);
    a_refused_question_is_asked_again(3);
    a_refused_question_is_asked_again(5'000'000);
}
