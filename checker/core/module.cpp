// The door between Python and the core: one binding per concept, no algorithm.

#include <nanobind/nanobind.h>

#include <utility>

#include "concurrency.hpp"
#include "histories/core/buffer.hpp"
#include "lock_tokens.hpp"
#include "search.hpp"

namespace nb = nanobind;

namespace {

std::int64_t peak_concurrency(nb::handle invoked, nb::handle completed) {
    const holdfast::Buffer opens(invoked);
    const holdfast::Buffer closes(completed);
    const nb::gil_scoped_release released;
    return holdfast::peak_concurrency(opens.bytes(), closes.bytes());
}

nb::bytes packed(const std::vector<std::int32_t>& numbers) {
    return nb::bytes(numbers.data(), numbers.size() * sizeof(std::int32_t));
}

// A table that asks a Python function.
class Table {
public:
    explicit Table(nb::callable ask)
        : ask_(std::move(ask)), table_([this](holdfast::State state, std::int32_t cls) {
              const nb::gil_scoped_acquire held;
              return nb::cast<holdfast::State>(ask_(state, cls));
          }) {}

    holdfast::Table& table() { return table_; }
    holdfast::State states() const { return table_.states(); }

    // What asks the model often holds the table in turn: Python's garbage collector must see that.
    static int traverse(PyObject* self, visitproc visit, void* arg) {
#if PY_VERSION_HEX >= 0x03090000
        Py_VISIT(Py_TYPE(self));
#endif
        if (nb::inst_ready(self)) Py_VISIT(nb::inst_ptr<Table>(self)->ask_.ptr());
        return 0;
    }
    static int clear(PyObject* self) {
        nb::inst_ptr<Table>(self)->ask_.reset();
        return 0;
    }

private:
    nb::object ask_;
    holdfast::Table table_;
};

PyType_Slot table_slots[] = {{Py_tp_traverse, reinterpret_cast<void*>(&Table::traverse)},
                             {Py_tp_clear, reinterpret_cast<void*>(&Table::clear)},
                             {0, nullptr}};

nb::tuple search(nb::handle op_class, nb::handle class_kind, nb::handle endpoints, Table& table,
                 nb::callable poll, bool dominance, bool deadlines, std::int64_t patience) {
    const holdfast::Buffer classes(op_class);
    const holdfast::Buffer kinds(class_kind);
    const holdfast::Buffer marks(endpoints);
    holdfast::Answer answer;
    {
        const nb::gil_scoped_release released;
        const holdfast::Problem problem(classes.as<std::int32_t>(), kinds.as<std::uint8_t>(),
                                        marks.as<std::int32_t>());
        const holdfast::Poll asking = [&poll](std::int64_t configurations, std::int32_t at,
                                              std::size_t bytes) {
            const nb::gil_scoped_acquire held;
            if (PyErr_CheckSignals() != 0) throw nb::python_error();
            poll(configurations, at, bytes);
        };
        answer = holdfast::search(problem, table.table(), {dominance, deadlines}, asking, patience);
    }
    nb::list ends;
    for (const auto& end : answer.dead_ends) {
        ends.append(nb::make_tuple(packed(end.order), end.state));
    }
    return nb::make_tuple(answer.linearizable, packed(answer.order), answer.completion, ends,
                          answer.configurations);
}

// Permits of 0 stand for a mutex without owners.
nb::tuple decide_lock(nb::handle says, nb::handle outcome, nb::handle token, nb::handle invoked,
                      nb::handle completed, std::int32_t tokens, std::int32_t permits,
                      bool with_order) {
    const holdfast::Buffer says_(says), outcome_(outcome), token_(token), invoked_(invoked),
        completed_(completed);
    holdfast::LockAnswer answer;
    {
        const nb::gil_scoped_release released;
        const holdfast::LockColumns rows(says_.as<std::uint8_t>(), outcome_.as<std::uint8_t>(),
                                         token_.as<std::int32_t>(), invoked_.as<std::int64_t>(),
                                         completed_.as<std::int64_t>(), tokens);
        answer = permits == 0 ? holdfast::decide_unowned_mutex(rows, with_order)
                              : holdfast::decide_token_lock(rows, permits, with_order);
    }
    return nb::make_tuple(static_cast<int>(answer.found), packed(answer.order),
                          packed(answer.tokens), packed(answer.rows));
}

// What a benchmark compares with: every number of every column is read once.
std::int64_t scan_columns(nb::handle says, nb::handle outcome, nb::handle token, nb::handle invoked,
                          nb::handle completed) {
    const holdfast::Buffer says_(says), outcome_(outcome), token_(token), invoked_(invoked),
        completed_(completed);
    const nb::gil_scoped_release released;
    std::int64_t sum = 0;
    const auto rows = says_.as<std::uint8_t>().size();
    const auto kinds = says_.as<std::uint8_t>(), outcomes = outcome_.as<std::uint8_t>();
    const auto tokens = token_.as<std::int32_t>();
    const auto begins = invoked_.as<std::int64_t>(), ends = completed_.as<std::int64_t>();
    for (std::size_t row = 0; row < rows; ++row) {
        sum += kinds[row] + outcomes[row] + tokens[row] + (begins[row] ^ ends[row]);
    }
    return sum;
}

}  // namespace

NB_MODULE(_native, core) {
    core.doc() = "The compiled core of the checker. It knows integers and no model.";
    core.def("peak_concurrency", &peak_concurrency, nb::arg("invoked").none(),
             nb::arg("completed").none(),
             "The largest number of operations open at one instant, intervals closed.");
    core.def("decide_lock", &decide_lock, nb::arg("says"), nb::arg("outcome"), nb::arg("token"),
             nb::arg("invoked"), nb::arg("completed"), nb::arg("tokens"), nb::arg("permits"),
             nb::arg("with_order"), "Whether a lock's calls in columns have a legal order.");
    core.def("scan_columns", &scan_columns, nb::arg("says"), nb::arg("outcome"), nb::arg("token"),
             nb::arg("invoked"), nb::arg("completed"), "A number that depends on every other.");
    nb::class_<Table>(core, "Table", nb::type_slots(table_slots),
                      "The model in integers, asked once for each state and class.")
        .def(nb::init<nb::callable>(), nb::arg("ask"))
        .def_prop_ro("states", &Table::states, "How many states are known.");
    core.def("search", &search, nb::arg("op_class"), nb::arg("class_kind"), nb::arg("endpoints"),
             nb::arg("table"), nb::arg("poll"), nb::arg("dominance"), nb::arg("deadlines"),
             nb::arg("patience"), "Whether a problem in integers has a legal order.");
}
