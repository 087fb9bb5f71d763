#pragma once

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

// Ends the test unless it holds. Aborts, so that a sanitizer or a fuzzer takes it for a failure
// too.
inline void require(bool holds, const std::string& what) {
    if (!holds) {
        std::fprintf(stderr, "failed: %s\n", what.c_str());
        std::abort();
    }
}

template <typename Call>
void require_refused(Call call, const std::string& why) {
    try {
        call();
    } catch (const std::invalid_argument& error) {
        require(error.what() == why, std::string(error.what()) + " should be " + why);
        return;
    }
    require(false, "not refused: " + why);
}
