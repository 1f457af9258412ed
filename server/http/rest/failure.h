// What a request is refused with: a status and a sentence. And which status an SQLSTATE has.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "server/types/error.h"

namespace dvecdb::server::http::rest {

class Failure : public std::exception {
 public:
  Failure(int status, std::string sentence) : status_(status), sentence_(std::move(sentence)) {}
  int status() const { return status_; }
  const std::string& sentence() const { return sentence_; }
  const char* what() const noexcept override { return sentence_.c_str(); }

 private:
  int status_;
  std::string sentence_;
};

// By the whole code first, then by its class (the first two characters); 500 for the rest.
int status_of(std::string_view sqlstate);

// Message and detail of SQL, as one sentence.
Failure failure_of(const types::ErrorFields& error);

// Whether the whole request may simply be run again.
bool is_worth_retrying(std::string_view sqlstate);

}  // namespace dvecdb::server::http::rest
