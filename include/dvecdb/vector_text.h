#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <type_traits>

#include "dvecdb/distance.h"
#include "dvecdb/half.h"

/// The text and binary forms of the types vector (float), halfvec (Half) and sparsevec, with their
/// limits and messages, as pgvector 0.8 has them: both doors to the engine read and write them
/// here.
///
/// Every function is pure and thread-safe. What is refused is thrown as InvalidInput.
/// "dense" is vector or halfvec: T is float or Half.
namespace dvecdb::core {

inline constexpr std::int32_t max_sparsevec_elements = 16000;

struct VectorType {
  const char* name;
  std::int32_t max_dimensions;
};
inline constexpr VectorType vector_type{"vector", 16000};
inline constexpr VectorType halfvec_type{"halfvec", 16000};
inline constexpr VectorType sparsevec_type{"sparsevec", 1000000000};
template <class T>
inline constexpr const VectorType& dense_type =
    std::is_same_v<T, Half> ? halfvec_type : vector_type;

/// Why a value is refused, named after PostgreSQL's conditions.
enum class Refusal : std::uint8_t {
  invalid_text_representation,  ///< 22P02
  numeric_value_out_of_range,   ///< 22003
  data_exception,               ///< 22000
  program_limit_exceeded,       ///< 54000
  invalid_parameter_value,      ///< 22023
  protocol_violation,           ///< 08P01
};

/// A refusal in full. The message is `lead`, then `quoted` in double quotes unless its data is
/// null, then `tail`. `quoted` borrows from the text that was parsed.
struct InputFault {
  Refusal refusal;
  char lead[96];
  std::string_view quoted;
  char tail[48];
  const char* detail;  ///< a sentence, or null; static
};

/// Carries an InputFault: do not keep it longer than the text that was parsed.
class InvalidInput : public std::exception {
 public:
  explicit InvalidInput(const InputFault& fault);
  const InputFault& fault() const { return fault_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  InputFault fault_;
  std::string message_;
};

/// `typmod` is the declared number of dimensions, or -1.
void check_dimensions(const VectorType& type, std::int64_t dimensions);
void check_expected_dimensions(std::int32_t typmod, std::int64_t dimensions);
void check_element(const VectorType& type, float value);
/// At most max_sparsevec_elements.
void check_element_count(std::int64_t count);
/// vector(3): the bounds of a declared dimension count. Returns it.
std::int32_t check_typmod(const VectorType& type, std::int64_t dimensions);
/// Refuses a finite value that a Half cannot hold.
Half checked_half(float value);

/// How many elements parse_dense or parse_sparse may write for `text`, whatever it is.
std::size_t elements_at_most(std::string_view text);

/// Parses "[1,2,3]" into `out`, which has room for elements_at_most(text). Returns the dimensions.
template <class T>
std::int32_t parse_dense(std::string_view text, std::int32_t typmod, T* out);

/// Reads the head of a binary message off its front: int16 dimensions, int16 0. Returns the
/// dimensions. Numbers are in network byte order.
template <class T>
std::int32_t receive_dense_head(std::string_view& message, std::int32_t typmod);
/// Reads the elements that follow the head off the message's front.
template <class T>
void receive_dense_elements(std::string_view& message, std::int32_t dimensions, T* out);

/// Bytes that print_dense may write.
std::size_t dense_text_room(std::size_t dimensions);
/// Writes "[1,2,3]" without a NUL; returns the end.
template <class T>
char* print_dense(const T* elements, std::size_t dimensions, char* out);

/// The binary form: dense_message_size bytes.
template <class T>
constexpr std::size_t dense_message_size(std::size_t dimensions) {
  return 4 + dimensions * sizeof(T);
}
template <class T>
void send_dense(const T* elements, std::size_t dimensions, char* out);

/// A non-zero element of a sparse vector; the index counts from 0.
struct SparseElement {
  std::int32_t index;
  float value;
};
struct SparseShape {
  std::int32_t dimensions;
  std::int32_t count;
};

/// Parses "{1:1.5,3:2}/5" (indices from 1, in any order, zeros left out) into `out`, which has room
/// for elements_at_most(text): ascending by index.
SparseShape parse_sparse(std::string_view text, std::int32_t typmod, SparseElement* out);

/// Reads the head of a binary message off its front: int32 dimensions, int32 count, int32 0.
SparseShape receive_sparse_head(std::string_view& message, std::int32_t typmod);
/// Reads `shape.count` indices and then as many values off the message's front.
void receive_sparse_elements(std::string_view& message, SparseShape shape, std::int32_t* indices,
                             float* values);

std::size_t sparse_text_room(std::size_t count);
/// Writes "{1:1.5,3:2}/5" without a NUL; returns the end.
char* print_sparse(const SparseView& vector, std::int32_t dimensions, char* out);

constexpr std::size_t sparse_message_size(std::size_t count) {
  return 12 + 8 * count;
}
void send_sparse(const SparseView& vector, std::int32_t dimensions, char* out);

/// The order of sparse vectors is that of the dense ones they stand for: element by element, then
/// by dimensions. Negative, zero or positive.
int compare_sparse(const SparseView& a, std::int32_t a_dimensions, const SparseView& b,
                   std::int32_t b_dimensions);

}  // namespace dvecdb::core
