// The door between Python and the core: one binding per concept, no algorithm.

#include <nanobind/nanobind.h>

#include "buffer.hpp"
#include "concurrency.hpp"

namespace nb = nanobind;

namespace {

std::int64_t peak_concurrency(nb::handle invoked, nb::handle completed) {
    const holdfast::Buffer opens(invoked);
    const holdfast::Buffer closes(completed);
    const nb::gil_scoped_release released;
    return holdfast::peak_concurrency(opens.bytes(), closes.bytes());
}

}  // namespace

NB_MODULE(_native, core) {
    core.doc() = "The compiled core of the checker. It knows integers and no model.";
    core.def("peak_concurrency", &peak_concurrency, nb::arg("invoked").none(),
             nb::arg("completed").none(),
             "The largest number of operations open at one instant, intervals closed.");
}
