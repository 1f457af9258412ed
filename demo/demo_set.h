// The demo set in memory.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dvecdb::demo {

inline constexpr int dimensions = 784;
inline constexpr std::array<std::string_view, 10> class_names = {
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};

struct Image {
  std::uint8_t label = 0;
  std::vector<float> pixels;  // `dimensions` grey values, 0 to 255
};

// From `path`, or from where the source tree has it. Throws std::runtime_error when it is missing
// or damaged.
std::vector<Image> read_demo_set(const std::string& path = {});

}  // namespace dvecdb::demo
