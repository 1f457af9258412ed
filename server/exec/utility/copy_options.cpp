#include "server/exec/utility/copy_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "server/exec/settings/setting_table.h"
#include "server/query/parse.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

std::string text_of(const raw::Node* arg) {
  if (arg == nullptr) return "true";
  if (raw::is(arg, PG_QUERY__NODE__NODE_BOOLEAN)) {
    return arg->boolean->boolval != 0 ? "true" : "false";
  }
  if (raw::is(arg, PG_QUERY__NODE__NODE_INTEGER)) return std::to_string(arg->integer->ival);
  return std::string(raw::string_of(arg));
}

bool flag_of(std::string_view name, const raw::Node* arg) {
  bool flag = false;
  if (!parse_boolean_setting(text_of(arg), flag)) {
    throw SqlError(sqlstate::syntax_error, fmt::format("{} requires a Boolean value", name));
  }
  return flag;
}

SqlError invalid(std::string message) {
  return SqlError(sqlstate::invalid_parameter_value, std::move(message));
}

class OptionReader {
 public:
  explicit OptionReader(const std::vector<std::string>& columns) : columns_(columns) {}

  void read(const PgQuery__DefElem& option) {
    const std::string name = option.defname;
    const raw::Node* arg = option.arg;
    if (!seen_.insert(name).second) {
      throw SqlError(sqlstate::syntax_error, "conflicting or redundant options");
    }
    if (name == "format") {
      read_format(text_of(arg));
    } else if (name == "delimiter") {
      delimiter_ = text_of(arg);
    } else if (name == "null") {
      null_ = text_of(arg);
    } else if (name == "header") {
      read_header(arg);
    } else if (name == "quote") {
      quote_ = text_of(arg);
    } else if (name == "escape") {
      escape_ = text_of(arg);
    } else if (name == "force_quote") {
      options_.force_quote = read_columns("FORCE_QUOTE", arg);
    } else if (name == "force_not_null") {
      options_.force_not_null = read_columns("FORCE_NOT_NULL", arg);
    } else if (name == "force_null") {
      options_.force_null = read_columns("FORCE_NULL", arg);
    } else if (name == "freeze") {
      flag_of(name, arg);  // rows need no freezing here
    } else if (name == "encoding") {
      check_encoding(text_of(arg));
    } else {
      throw SqlError(sqlstate::syntax_error, fmt::format("option \"{}\" not recognized", name));
    }
  }

  CopyOptions finish(bool is_from) {
    const bool is_csv = options_.format == CopyFormat::csv;
    const bool is_binary = options_.format == CopyFormat::binary;
    if (is_binary && delimiter_) throw binary_conflict("DELIMITER");
    if (is_binary && null_) throw binary_conflict("NULL");
    if (is_binary && options_.header != CopyHeader::none) {
      throw SqlError(sqlstate::feature_not_supported, "cannot specify HEADER in BINARY mode");
    }
    options_.delimiter = one_byte("COPY delimiter", delimiter_, is_csv ? ',' : '\t');
    options_.null_text = null_.value_or(is_csv ? "" : "\\N");
    check_text(is_csv);
    if (!is_csv) {
      require_csv(quote_.has_value(), "COPY quote");
      require_csv(escape_.has_value(), "COPY escape");
      require_csv(!options_.force_quote.empty(), "COPY force quote");
      require_csv(!options_.force_not_null.empty(), "COPY force not null");
      require_csv(!options_.force_null.empty(), "COPY force null");
    } else {
      options_.quote = one_byte("COPY quote", quote_, '"');
      options_.escape = one_byte("COPY escape", escape_, options_.quote);
      if (options_.delimiter == options_.quote) {
        throw invalid("COPY delimiter and quote must be different");
      }
    }
    if (!options_.force_quote.empty() && is_from) {
      throw SqlError(sqlstate::feature_not_supported,
                     "COPY force quote only available using COPY TO");
    }
    const bool forces_input = !options_.force_not_null.empty() || !options_.force_null.empty();
    if (forces_input && !is_from) {
      throw SqlError(sqlstate::feature_not_supported,
                     fmt::format("COPY force {} only available using COPY FROM",
                                 options_.force_null.empty() ? "not null" : "null"));
    }
    if (options_.header == CopyHeader::match && !is_from) {
      throw SqlError(sqlstate::feature_not_supported,
                     "cannot use \"match\" with HEADER in COPY TO");
    }
    return options_;
  }

 private:
  void read_format(const std::string& text) {
    if (text == "csv") {
      options_.format = CopyFormat::csv;
    } else if (text == "binary") {
      options_.format = CopyFormat::binary;
    } else if (text != "text") {
      throw invalid(fmt::format("COPY format \"{}\" not recognized", text));
    }
  }

  void read_header(const raw::Node* arg) {
    if (text_of(arg) == "match") {
      options_.header = CopyHeader::match;
      return;
    }
    bool flag = false;
    if (!parse_boolean_setting(text_of(arg), flag)) {
      throw SqlError(sqlstate::syntax_error, "header requires a Boolean value or \"match\"");
    }
    options_.header = flag ? CopyHeader::present : CopyHeader::none;
  }

  std::vector<bool> read_columns(std::string_view option, const raw::Node* arg) {
    std::vector<bool> flags(columns_.size(), false);
    if (raw::is(arg, PG_QUERY__NODE__NODE_A_STAR)) return std::vector<bool>(columns_.size(), true);
    if (!raw::is(arg, PG_QUERY__NODE__NODE_LIST)) {
      throw invalid(
          fmt::format("argument to option \"{}\" must be a list of column names", option));
    }
    for (const raw::Node* item : raw::list(arg->list->n_items, arg->list->items)) {
      const std::string_view name = raw::string_of(item);
      const auto found = std::find(columns_.begin(), columns_.end(), name);
      if (found == columns_.end()) {
        throw SqlError(sqlstate::invalid_column_reference,
                       fmt::format("{} column \"{}\" not referenced by COPY", option, name));
      }
      flags[static_cast<std::size_t>(found - columns_.begin())] = true;
    }
    return flags;
  }

  static void check_encoding(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
      return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    if (text == "utf8" || text == "utf-8" || text == "unicode" || text == "sql_ascii") return;
    throw invalid("argument to option \"encoding\" must be a valid encoding name");
  }

  static SqlError binary_conflict(std::string_view option) {
    return SqlError(sqlstate::syntax_error,
                    fmt::format("cannot specify {} in BINARY mode", option));
  }

  static void require_csv(bool is_given, std::string_view option) {
    if (!is_given) return;
    throw SqlError(sqlstate::feature_not_supported,
                   fmt::format("{} available only in CSV mode", option));
  }

  static char one_byte(std::string_view what, const std::optional<std::string>& text,
                       char otherwise) {
    if (!text) return otherwise;
    if (text->size() != 1) {
      throw SqlError(sqlstate::feature_not_supported,
                     fmt::format("{} must be a single one-byte character", what));
    }
    return text->front();
  }

  void check_text(bool is_csv) const {
    const char d = options_.delimiter;
    if (d == '\n' || d == '\r') {
      throw invalid("COPY delimiter cannot be newline or carriage return");
    }
    if (options_.null_text.find_first_of("\r\n") != std::string::npos) {
      throw invalid("COPY null representation cannot use newline or carriage return");
    }
    constexpr std::string_view letters = "\\.abcdefghijklmnopqrstuvwxyz0123456789";
    if (!is_csv && letters.find(d) != std::string_view::npos) {
      throw invalid(fmt::format("COPY delimiter cannot be \"{}\"", d));
    }
    if (options_.null_text.find(d) != std::string::npos && options_.format != CopyFormat::binary) {
      throw invalid("COPY delimiter must not appear in the NULL specification");
    }
  }

  const std::vector<std::string>& columns_;
  CopyOptions options_;
  std::set<std::string> seen_;
  std::optional<std::string> delimiter_, null_, quote_, escape_;
};

}  // namespace

CopyOptions parse_copy_options(const PgQuery__CopyStmt& statement,
                               const std::vector<std::string>& columns, std::string_view text) {
  OptionReader reader(columns);
  for (const raw::Node* node : raw::list(statement.n_options, statement.options)) {
    try {
      reader.read(*node->def_elem);
    } catch (SqlError& error) {
      if (node->def_elem->location >= 0) {
        error.at(
            query::character_position(text, static_cast<std::size_t>(node->def_elem->location)));
      }
      throw;
    }
  }
  return reader.finish(statement.is_from != 0);
}

}  // namespace dvecdb::server::exec
