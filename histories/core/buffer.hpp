#pragma once

#include <nanobind/nanobind.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>

namespace holdfast {

// Holds the bytes of a Python object (bytes, memoryview, array, mmap, ...) for as long as it lives.
// Made and destroyed with the GIL; the bytes may be read without it.
class Buffer {
public:
    explicit Buffer(nanobind::handle source) {
        if (PyObject_GetBuffer(source.ptr(), &view_, PyBUF_SIMPLE) != 0) {
            throw nanobind::python_error();
        }
    }
    ~Buffer() { PyBuffer_Release(&view_); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    std::span<const std::byte> bytes() const {
        return {static_cast<const std::byte*>(view_.buf), static_cast<std::size_t>(view_.len)};
    }

    // The bytes as numbers in the machine's byte order; they must be aligned and come out even.
    template <class Number>
    std::span<const Number> as() const {
        const auto length = static_cast<std::size_t>(view_.len);
        if (length == 0) return {};
        if (length % sizeof(Number) != 0 ||
            reinterpret_cast<std::uintptr_t>(view_.buf) % alignof(Number) != 0) {
            throw std::invalid_argument("the buffer does not hold whole, aligned numbers");
        }
        return {static_cast<const Number*>(view_.buf), length / sizeof(Number)};
    }

private:
    Py_buffer view_{};
};

}  // namespace holdfast
