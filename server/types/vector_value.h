// The vector types: text and binary forms, limits and order, as pgvector 0.8 has them; the forms
// are core's (dvecdb/vector_text.h). All functions are pure and thread-safe; parse and receive
// throw SqlError. Stored forms are in README.md; `bytes` arguments must be such a form.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dvecdb/vector_text.h"
#include "server/types/value.h"

namespace dvecdb::server::types {

struct SparseVector {
  std::int32_t dimensions = 0;
  std::vector<std::int32_t> indices;  // ascending, from 0
  std::vector<float> values;          // none is zero
};

// Borrows the vector's arrays.
core::SparseView view_of(const SparseVector& vector);

// Checks that the types share.
void check_vector_dimensions(const core::VectorType& type, std::int64_t dimensions);
void check_expected_dimensions(std::int32_t typmod, std::int64_t dimensions);
void check_vector_element(const core::VectorType& type, float value);
void check_sparsevec_elements(std::int64_t count);
// Half of a float; throws (22003) when a finite value does not fit.
std::uint16_t checked_half(float value);

// `typmod` is the declared number of dimensions or -1.
std::string parse_vector(std::string_view text, std::int32_t typmod);
std::string parse_halfvec(std::string_view text, std::int32_t typmod);
std::string parse_sparsevec(std::string_view text, std::int32_t typmod);

void format_vector(std::string_view bytes, std::string& out);
void format_halfvec(std::string_view bytes, std::string& out);
void format_sparsevec(std::string_view bytes, std::string& out);

std::string receive_vector(std::string_view message, std::int32_t typmod);
std::string receive_halfvec(std::string_view message, std::int32_t typmod);
std::string receive_sparsevec(std::string_view message, std::int32_t typmod);

void send_vector(std::string_view bytes, std::string& out);
void send_halfvec(std::string_view bytes, std::string& out);
void send_sparsevec(std::string_view bytes, std::string& out);

// Order: element by element, then the number of dimensions.
int compare_vector(std::string_view a, std::string_view b);
int compare_halfvec(std::string_view a, std::string_view b);
int compare_sparsevec(std::string_view a, std::string_view b);

std::string vector_sort_key(std::string_view bytes);
std::string halfvec_sort_key(std::string_view bytes);
std::string sparsevec_sort_key(std::string_view bytes);

// vector(3): checks the bounds of a declared dimension count.
std::int32_t check_vector_typmod(const core::VectorType& type, std::int64_t dimensions);

std::size_t vector_dimensions(std::string_view bytes);
std::size_t halfvec_dimensions(std::string_view bytes);

std::vector<float> decode_vector(std::string_view bytes);
std::vector<float> decode_halfvec(std::string_view bytes);
SparseVector decode_sparsevec(std::string_view bytes);
std::string encode_vector(const std::vector<float>& elements);
// Throws (22003) when an element does not fit.
std::string encode_halfvec(const std::vector<float>& elements);
std::string encode_sparsevec(const SparseVector& vector);

}  // namespace dvecdb::server::types
