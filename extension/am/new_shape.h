#pragma once

#include "extension/am/pages/format.h"

extern "C" {
#include <utils/relcache.h>
}

namespace dvecdb::extension {

/// The shape of an index that is to be built, from its operator class, its column and its storage
/// parameters. `learned` is left invalid. Raises when the column does not say its dimensions, or
/// the quantizer cannot do what is asked of it.
IndexShape new_shape(Relation index);

}  // namespace dvecdb::extension
