/* parser_test.c - promises of lib/http that the case tables do not cover.
 *
 * Most promises are rows: a sentence, the bytes, the verdict. Every row is
 * replayed whole, byte by byte and in random pieces. The rest are functions.
 * Prints a line for each broken promise; exit status 1 if there is one.
 */
#include "http/parser.h"
#include "http/request.h"
#include "http/url.h"
#include "http/writer.h"
#include "replay.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static int broken;
static int kept;

static void promise(bool holds, const char *name, const char *got)
{
    kept += holds;
    broken += !holds;
    if (!holds)
        printf("broken promise: %s (got %s)\n", name, got);
}

#define PROMISE(name, condition) promise(condition, name, #condition)

/* Text with a known length, so that it may hold NUL. */
#define TEXT(literal) { literal, sizeof(literal) - 1 }

/* --- responses: "status body_len reuse", or the error class --- */

#define OK11 "HTTP/1.1 200 OK\r\n"
#define CHUNKED OK11 "Transfer-Encoding: chunked\r\n\r\n"
#define LENGTH2 "Content-Length: 2\r\n\r\nok"
#define CLOSED "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"

static const struct response_row {
    const char *name;
    struct http_span bytes;
    enum ending ending;
    bool to_head;
    const char *verdict;
} response_rows[] = {
    /* status line */
    { "an_empty_line_before_the_status_line_is_refused",
      TEXT("\r\n" OK11 LENGTH2), HOLD, 0, "bad_status_line" },
    { "a_space_before_the_status_line_is_refused",
      TEXT(" " OK11 LENGTH2), HOLD, 0, "bad_status_line" },
    { "http_0_9_is_refused_as_a_version",
      TEXT("HTTP/0.9 200 OK\r\n\r\n"), HOLD, 0, "bad_version" },
    { "http_3_is_refused_as_a_version",
      TEXT("HTTP/3 200 OK\r\n\r\n"), HOLD, 0, "bad_version" },
    { "a_two_digit_major_version_is_refused",
      TEXT("HTTP/11.1 200 OK\r\n\r\n"), HOLD, 0, "bad_version" },
    { "a_comma_in_the_version_is_refused",
      TEXT("HTTP/1,1 200 OK\r\n\r\n"), HOLD, 0, "bad_version" },
    { "a_dash_instead_of_the_slash_is_no_status_line",
      TEXT("HTTP-1.1 200 OK\r\n\r\n"), HOLD, 0, "bad_status_line" },
    { "http_1_9_is_read_as_1_1",
      TEXT("HTTP/1.9 200 OK\r\n" LENGTH2), HOLD, 0, "200 2 yes" },
    { "a_tab_after_the_version_is_refused",
      TEXT("HTTP/1.1\t200 OK\r\n\r\n"), HOLD, 0, "bad_status_line" },
    { "a_status_line_without_a_code_is_refused",
      TEXT("HTTP/1.1\r\n\r\n"), HOLD, 0, "bad_status_line" },
    { "a_version_and_a_space_are_no_status_line",
      TEXT("HTTP/1.1 \r\n\r\n"), HOLD, 0, "bad_status_line" },
    { "a_four_digit_code_is_refused",
      TEXT("HTTP/1.1 2000 OK\r\n\r\n"), HOLD, 0, "bad_status_line" },
    { "a_negative_code_is_refused",
      TEXT("HTTP/1.1 -20 OK\r\n\r\n"), HOLD, 0, "bad_status_line" },
    { "code_099_is_refused",
      TEXT("HTTP/1.1 099 OK\r\n\r\n"), HOLD, 0, "bad_status_line" },
    { "code_999_is_accepted",
      TEXT("HTTP/1.1 999 ?\r\n" LENGTH2), HOLD, 0, "999 2 yes" },
    { "code_599_is_accepted",
      TEXT("HTTP/1.1 599 ?\r\n" LENGTH2), HOLD, 0, "599 2 yes" },
    { "a_tab_after_the_code_is_refused",
      TEXT("HTTP/1.1 200\tOK\r\n\r\n"), HOLD, 0, "bad_status_line" },
    { "a_reason_may_hold_tabs_and_high_bytes",
      TEXT("HTTP/1.1 200 \tO\xc3\xa9K \r\n" LENGTH2), HOLD, 0, "200 2 yes" },
    { "a_second_space_belongs_to_the_reason",
      TEXT("HTTP/1.1 200  OK\r\n" LENGTH2), HOLD, 0, "200 2 yes" },
    { "del_in_a_reason_is_refused",
      TEXT("HTTP/1.1 200 O\x7fK\r\n\r\n"), HOLD, 0, "bad_status_line" },
    { "a_bare_cr_in_a_reason_is_refused",
      TEXT("HTTP/1.1 200 O\rK\r\n\r\n"), HOLD, 0, "bad_status_line" },
    { "lf_right_after_the_code_is_a_bad_line_end",
      TEXT("HTTP/1.1 200\n\r\n"), HOLD, 0, "bad_line_end" },
    { "a_status_line_cut_by_a_close_is_closed_in_head",
      TEXT("HTTP/1.1 2"), FIN, 0, "closed_in_head" },
    { "a_status_line_that_stops_times_out",
      TEXT("HTTP/1.1 2"), HOLD, 0, "timeout" },
    { "a_reset_before_the_first_byte_is_a_reset",
      TEXT(""), RST, 0, "reset" },
    /* fields */
    { "an_empty_name_is_refused",
      TEXT(OK11 ": v\r\n" LENGTH2), HOLD, 0, "bad_header" },
    { "a_tab_before_the_colon_is_refused",
      TEXT(OK11 "X-A\t: v\r\n" LENGTH2), HOLD, 0, "bad_header" },
    { "a_high_byte_in_a_name_is_refused",
      TEXT(OK11 "X-\xc3\xa9: v\r\n" LENGTH2), HOLD, 0, "bad_header" },
    { "a_high_byte_in_a_value_is_accepted",
      TEXT(OK11 "X: \xc3\xa9\r\n" LENGTH2), HOLD, 0, "200 2 yes" },
    { "del_in_a_value_is_refused",
      TEXT(OK11 "X: a\x7f\r\n" LENGTH2), HOLD, 0, "bad_header" },
    { "a_control_before_the_value_is_refused",
      TEXT(OK11 "X:\x0c v\r\n" LENGTH2), HOLD, 0, "bad_header" },
    { "nul_in_a_name_is_refused",
      TEXT(OK11 "X\0A: v\r\n" LENGTH2), HOLD, 0, "bad_header" },
    { "an_empty_line_of_lf_is_a_bad_line_end",
      TEXT(OK11 "X: v\r\n\nok"), HOLD, 0, "bad_line_end" },
    { "two_crs_before_lf_are_refused",
      TEXT(OK11 "X: v\r\r\n" LENGTH2), HOLD, 0, "bad_header" },
    { "a_cr_that_begins_no_empty_line_is_refused",
      TEXT(OK11 "X: v\r\n\rY: v\r\n\r\n"), HOLD, 0, "bad_header" },
    { "a_name_alone_is_no_field",
      TEXT(OK11 "Server\r\n" LENGTH2), HOLD, 0, "bad_header" },
    { "a_fold_of_connection_is_read_whole",
      TEXT(OK11 "Connection: keep-alive,\r\n\tclose\r\n" LENGTH2), HOLD, 0,
      "200 2 no" },
    { "a_tab_before_the_first_field_is_refused",
      TEXT(OK11 "\tX: v\r\n" LENGTH2), HOLD, 0, "bad_header" },
    { "closed_between_fields_is_closed_in_head",
      TEXT(CLOSED), FIN, 0, "closed_in_head" },
    /* content-length */
    { "a_plus_sign_is_no_length",
      TEXT(OK11 "Content-Length: +2\r\n\r\nok"), HOLD, 0,
      "bad_content_length" },
    { "a_hex_length_is_refused",
      TEXT(OK11 "Content-Length: 0x2\r\n\r\nok"), HOLD, 0,
      "bad_content_length" },
    { "a_decimal_point_is_no_length",
      TEXT(OK11 "Content-Length: 2.0\r\n\r\nok"), HOLD, 0,
      "bad_content_length" },
    { "leading_zeros_are_digits",
      TEXT(OK11 "Content-Length: 0000000000000000000000000002\r\n\r\nok"),
      HOLD, 0, "200 2 yes" },
    { "equal_members_of_a_list_are_one_length",
      TEXT(OK11 "Content-Length: 2, 2 ,2\r\n\r\nok"), HOLD, 0, "200 2 yes" },
    { "different_members_of_a_list_are_refused",
      TEXT(OK11 "Content-Length: 2, 3\r\n\r\nok"), HOLD, 0,
      "bad_content_length" },
    { "an_empty_member_of_a_list_is_refused",
      TEXT(OK11 "Content-Length: 2,\r\n\r\nok"), HOLD, 0,
      "bad_content_length" },
    { "a_valid_length_does_not_excuse_a_bad_one",
      TEXT(OK11 "Content-Length: 2\r\nContent-Length: x\r\n\r\nok"), HOLD, 0,
      "bad_content_length" },
    { "the_largest_64_bit_length_is_a_number_over_the_limit",
      TEXT(OK11 "Content-Length: 18446744073709551615\r\n\r\n"), HOLD, 0,
      "too_large" },
    { "ten_times_2_to_the_64_overflows",
      TEXT(OK11 "Content-Length: 184467440737095516150\r\n\r\n"), HOLD, 0,
      "bad_content_length" },
    { "a_body_one_byte_over_the_limit_is_refused",
      TEXT(OK11 "Content-Length: 16777217\r\n\r\n"), HOLD, 0, "too_large" },
    { "a_body_at_the_limit_is_awaited",
      TEXT(OK11 "Content-Length: 16777216\r\n\r\n"), HOLD, 0, "timeout" },
    { "length_zero_ends_at_the_empty_line",
      TEXT(OK11 "Content-Length: 0\r\n\r\n"), HOLD, 0, "200 0 yes" },
    { "a_body_cut_by_a_reset_is_a_reset",
      TEXT(OK11 "Content-Length: 5\r\n\r\nok"), RST, 0, "reset" },
    { "a_close_after_a_whole_response_forbids_reuse",
      TEXT(OK11 LENGTH2), FIN, 0, "200 2 no" },
    { "a_length_that_begins_like_another_field_is_not_confused",
      TEXT(OK11 "Content-Length-X: 9\r\n" LENGTH2), HOLD, 0, "200 2 yes" },
    /* transfer-encoding */
    { "chunked_compares_without_case",
      TEXT(OK11 "transfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n"), HOLD, 0,
      "200 0 yes" },
    { "chunked_may_stand_among_white_space",
      TEXT(OK11 "Transfer-Encoding:\t chunked \r\n\r\n0\r\n\r\n"), HOLD, 0,
      "200 0 yes" },
    { "chunked_on_two_lines_is_chunked_twice",
      TEXT(OK11 "Transfer-Encoding: chunked\r\n"
           "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), HOLD, 0,
      "unsupported_coding" },
    { "chunked_before_gzip_is_refused",
      TEXT(OK11 "Transfer-Encoding: chunked, gzip\r\n\r\n"), HOLD, 0,
      "unsupported_coding" },
    { "identity_is_refused",
      TEXT(OK11 "Transfer-Encoding: identity\r\n\r\n"), HOLD, 0,
      "unsupported_coding" },
    { "an_empty_coding_is_refused",
      TEXT(OK11 "Transfer-Encoding:\r\n\r\n"), HOLD, 0,
      "unsupported_coding" },
    { "a_parameter_of_chunked_is_refused",
      TEXT(OK11 "Transfer-Encoding: chunked;q=1\r\n\r\n"), HOLD, 0,
      "unsupported_coding" },
    { "a_quoted_chunked_is_refused",
      TEXT(OK11 "Transfer-Encoding: \"chunked\"\r\n\r\n"), HOLD, 0,
      "unsupported_coding" },
    { "chunked_before_a_length_is_a_conflict_too",
      TEXT(OK11 "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n"),
      HOLD, 0, "conflicting_framing" },
    { "a_folded_coding_is_read_after_unfolding",
      TEXT(OK11 "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"), HOLD, 0,
      "200 0 yes" },
    /* chunks */
    { "hex_digits_of_both_cases_are_a_size",
      TEXT(CHUNKED "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"), HOLD,
      0, "200 20 yes" },
    { "white_space_before_a_semicolon_is_accepted",
      TEXT(CHUNKED "2 \t;a\r\nok\r\n0\r\n\r\n"), HOLD, 0, "200 2 yes" },
    { "white_space_around_equals_is_accepted",
      TEXT(CHUNKED "2; a = b ; c\r\nok\r\n0\r\n\r\n"), HOLD, 0,
      "200 2 yes" },
    { "a_quoted_extension_may_hold_anything_printable",
      TEXT(CHUNKED "2;a=\"x;=\\\"\xc3\xa9 \"\r\nok\r\n0\r\n\r\n"), HOLD, 0,
      "200 2 yes" },
    { "a_quoted_extension_may_be_empty_and_followed",
      TEXT(CHUNKED "2;a=\"\";b\r\nok\r\n0\r\n\r\n"), HOLD, 0, "200 2 yes" },
    { "an_open_quote_is_refused",
      TEXT(CHUNKED "2;a=\"x\r\nok\r\n0\r\n\r\n"), HOLD, 0, "bad_chunk" },
    { "a_quoted_cr_is_refused",
      TEXT(CHUNKED "2;a=\"\\\r\n\"\r\nok\r\n0\r\n\r\n"), HOLD, 0,
      "bad_chunk" },
    { "nul_in_a_quoted_extension_is_refused",
      TEXT(CHUNKED "2;a=\"\0\"\r\nok\r\n0\r\n\r\n"), HOLD, 0,
      "bad_chunk" },
    { "lf_in_a_quoted_extension_is_refused",
      TEXT(CHUNKED "2;a=\"\n\"\r\nok\r\n0\r\n\r\n"), HOLD, 0,
      "bad_chunk" },
    { "an_escaped_lf_is_refused_too",
      TEXT(CHUNKED "2;a=\"\\\n\"\r\nok\r\n0\r\n\r\n"), HOLD, 0,
      "bad_chunk" },
    { "text_after_a_quote_is_refused",
      TEXT(CHUNKED "2;a=\"x\"y\r\nok\r\n0\r\n\r\n"), HOLD, 0, "bad_chunk" },
    { "a_semicolon_without_a_name_is_refused",
      TEXT(CHUNKED "2;\r\nok\r\n0\r\n\r\n"), HOLD, 0, "bad_chunk" },
    { "equals_without_a_value_is_refused",
      TEXT(CHUNKED "2;a=\r\nok\r\n0\r\n\r\n"), HOLD, 0, "bad_chunk" },
    { "equals_without_a_name_is_refused",
      TEXT(CHUNKED "2;=a\r\nok\r\n0\r\n\r\n"), HOLD, 0, "bad_chunk" },
    { "white_space_after_an_extension_is_refused",
      TEXT(CHUNKED "2;a \r\nok\r\n0\r\n\r\n"), HOLD, 0, "bad_chunk" },
    { "nul_in_an_extension_is_refused",
      TEXT(CHUNKED "2;a\0\r\nok\r\n0\r\n\r\n"), HOLD, 0, "bad_chunk" },
    { "a_bare_cr_in_an_extension_is_refused",
      TEXT(CHUNKED "2;a\rb\r\nok\r\n0\r\n\r\n"), HOLD, 0, "bad_chunk" },
    { "a_space_before_the_size_is_refused",
      TEXT(CHUNKED " 2\r\nok\r\n0\r\n\r\n"), HOLD, 0, "bad_chunk" },
    { "a_plus_before_the_size_is_refused",
      TEXT(CHUNKED "+2\r\nok\r\n0\r\n\r\n"), HOLD, 0, "bad_chunk" },
    { "an_underscore_in_the_size_is_refused",
      TEXT(CHUNKED "0_2\r\nok\r\n0\r\n\r\n"), HOLD, 0, "bad_chunk" },
    { "a_size_of_16_digits_is_a_number_over_the_limit",
      TEXT(CHUNKED "ffffffffffffffff\r\n"), HOLD, 0, "too_large" },
    { "sizes_add_up_against_the_limit",
      TEXT(CHUNKED "2\r\nok\r\nffffff\r\n"), HOLD, 0, "too_large" },
    { "data_shorter_than_its_size_is_refused",
      TEXT(CHUNKED "3\r\nok\r\n0\r\n\r\n"), HOLD, 0, "bad_chunk" },
    { "data_closed_by_lf_is_refused",
      TEXT(CHUNKED "2\r\nok\n0\r\n\r\n"), HOLD, 0, "bad_chunk" },
    { "data_closed_by_cr_is_refused",
      TEXT(CHUNKED "2\r\nok\r0\r\n\r\n"), HOLD, 0, "bad_chunk" },
    { "a_second_size_line_must_have_a_digit_too",
      TEXT(CHUNKED "2\r\nok\r\n\r\n\r\n"), HOLD, 0, "bad_chunk" },
    { "a_trailer_may_be_folded",
      TEXT(CHUNKED "0\r\nX: a\r\n b\r\n\r\n"), HOLD, 0, "200 0 yes" },
    { "white_space_before_the_first_trailer_is_refused",
      TEXT(CHUNKED "0\r\n X: a\r\n\r\n"), HOLD, 0, "bad_header" },
    { "a_trailer_closed_by_lf_is_a_bad_line_end",
      TEXT(CHUNKED "0\r\nX: a\n\r\n"), HOLD, 0, "bad_line_end" },
    { "nul_in_a_trailer_is_refused",
      TEXT(CHUNKED "0\r\nX: a\0\r\n\r\n"), HOLD, 0, "bad_header" },
    { "close_in_a_trailer_changes_nothing",
      TEXT(CHUNKED "0\r\nConnection: close\r\n\r\n"), HOLD, 0, "200 0 yes" },
    { "a_missing_last_crlf_is_awaited",
      TEXT(CHUNKED "2\r\nok\r\n0\r\n"), HOLD, 0, "timeout" },
    { "closed_in_the_trailer_is_closed_in_body",
      TEXT(CHUNKED "0\r\nX: a\r\n"), FIN, 0, "closed_in_body" },
    { "closed_in_the_size_is_closed_in_body",
      TEXT(CHUNKED "2"), FIN, 0, "closed_in_body" },
    /* no body */
    { "304_with_a_length_has_no_body_and_is_reused",
      TEXT("HTTP/1.1 304 N\r\nContent-Length: 9\r\n\r\n"), HOLD, 0,
      "304 0 yes" },
    { "304_with_chunked_has_no_body",
      TEXT("HTTP/1.1 304 N\r\nTransfer-Encoding: chunked\r\n\r\n"), HOLD, 0,
      "304 0 yes" },
    { "204_with_chunked_is_not_reused",
      TEXT("HTTP/1.1 204 N\r\nTransfer-Encoding: chunked\r\n\r\n"), HOLD, 0,
      "204 0 no" },
    { "204_followed_by_bytes_is_not_reused",
      TEXT("HTTP/1.1 204 N\r\n\r\nhello"), HOLD, 0, "204 0 no" },
    { "head_with_chunked_has_no_body",
      TEXT(OK11 "Transfer-Encoding: chunked\r\n\r\n"), HOLD, 1, "200 0 yes" },
    { "head_without_framing_does_not_wait_for_a_close",
      TEXT(OK11 "\r\n"), HOLD, 1, "200 0 yes" },
    { "head_answered_with_a_body_is_not_reused",
      TEXT(OK11 LENGTH2), HOLD, 1, "200 0 no" },
    { "head_with_a_length_over_the_limit_is_fine",
      TEXT(OK11 "Content-Length: 99999999999\r\n\r\n"), HOLD, 1,
      "200 0 yes" },
    { "head_with_both_framings_is_refused",
      TEXT(OK11 "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
      HOLD, 1, "conflicting_framing" },
    { "205_has_a_body_like_others",
      TEXT("HTTP/1.1 205 R\r\n" LENGTH2), HOLD, 0, "205 2 yes" },
    /* interim */
    { "103_with_fields_is_skipped",
      TEXT("HTTP/1.1 103 E\r\nLink: x\r\n\r\n" OK11 LENGTH2), HOLD, 0,
      "200 2 yes" },
    { "fields_of_an_interim_response_do_not_leak",
      TEXT("HTTP/1.1 103 E\r\nConnection: close\r\n\r\n" OK11 LENGTH2), HOLD,
      0, "200 2 yes" },
    { "an_interim_response_with_a_bad_length_is_refused",
      TEXT("HTTP/1.1 100 C\r\nContent-Length: x\r\n\r\n" OK11 LENGTH2), HOLD,
      0, "bad_content_length" },
    { "an_interim_response_alone_is_awaited",
      TEXT("HTTP/1.1 100 C\r\n\r\n"), HOLD, 0, "timeout" },
    { "a_close_after_an_interim_response_is_closed_in_head",
      TEXT("HTTP/1.1 100 C\r\n\r\n"), FIN, 0, "closed_in_head" },
    { "101_after_100_is_refused",
      TEXT("HTTP/1.1 100 C\r\n\r\nHTTP/1.1 101 S\r\n\r\n"), HOLD, 0,
      "unexpected_upgrade" },
    /* reuse */
    { "http_1_0_with_keep_alive_is_reused",
      TEXT("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n" LENGTH2), HOLD, 0,
      "200 2 yes" },
    { "close_beats_keep_alive_in_http_1_0",
      TEXT("HTTP/1.0 200 OK\r\nConnection: keep-alive, close\r\n" LENGTH2),
      HOLD, 0, "200 2 no" },
    { "close_compares_without_case",
      TEXT(OK11 "connection: foo , CLOSE\r\n" LENGTH2), HOLD, 0,
      "200 2 no" },
    { "close_must_be_the_whole_word",
      TEXT(OK11 "Connection: closed, xclose\r\n" LENGTH2), HOLD, 0,
      "200 2 yes" },
    { "a_body_that_ends_with_the_connection_ends_its_reuse",
      TEXT("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nok"), FIN, 0,
      "200 2 no" },
    { "a_body_without_length_waits_for_the_close",
      TEXT(OK11 "\r\nok"), HOLD, 0, "timeout" },
};

static const char *response_verdict(const struct response_row *row,
                                    struct cuts cuts)
{
    static struct outcome got;
    static char verdict[64];

    replay_response(row->bytes, cuts, row->ending, row->to_head, &got);
    if (!got.complete)
        return http_error_name(got.error);
    snprintf(verdict, sizeof verdict, "%d %llu %s", got.status,
             (unsigned long long)got.body_len, got.reusable ? "yes" : "no");
    return verdict;
}

static const struct cuts ways[] = {
    { .way = WHOLE }, { .way = BYTES }, { .way = SMALL_BUFFER },
    { .way = RANDOM, .seed = 7 }, { .way = RANDOM, .seed = 11 },
};
enum { WAYS = sizeof ways / sizeof ways[0] };

static void test_responses(void)
{
    for (size_t i = 0; i < sizeof response_rows / sizeof *response_rows; i++) {
        const struct response_row *row = &response_rows[i];

        for (size_t way = 0; way < WAYS; way++) {
            const char *got = response_verdict(row, ways[way]);

            promise(strcmp(got, row->verdict) == 0, row->name, got);
        }
    }
}

/* --- requests: the answers, and "close" --- */

#define HOST "Host: a\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST "\r\n"
#define POST "POST /echo HTTP/1.1\r\n" HOST

static const struct request_row {
    const char *name;
    struct http_span bytes;
    const char *answers;
} request_rows[] = {
    { "two_empty_lines_before_a_request_are_ignored",
      TEXT("\r\n\r\n" GET), "200" },
    { "an_empty_line_of_lf_before_a_request_is_refused",
      TEXT("\n" GET), "400 close" },
    { "a_cr_before_a_request_needs_its_lf", TEXT("\r" GET), "400 close" },
    { "an_empty_line_between_pipelined_requests_is_ignored",
      TEXT(GET "\r\n" GET), "200 200" },
    { "http_1_0_needs_no_host_and_is_closed",
      TEXT("GET / HTTP/1.0\r\n\r\n"), "200 close" },
    { "http_1_0_with_keep_alive_is_kept",
      TEXT("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), "200" },
    { "http_1_1_with_close_is_closed_and_what_follows_is_dropped",
      TEXT("GET / HTTP/1.1\r\nConnection: close\r\n" HOST "\r\n" GET),
      "200 close" },
    { "http_1_2_is_read_as_1_1", TEXT("GET / HTTP/1.2\r\n" HOST "\r\n"),
      "200" },
    { "http_0_9_is_not_spoken", TEXT("GET / HTTP/0.9\r\n" HOST "\r\n"),
      "505 close" },
    { "a_two_digit_minor_version_is_malformed",
      TEXT("GET / HTTP/1.10\r\n" HOST "\r\n"), "400 close" },
    { "a_lower_case_version_is_malformed",
      TEXT("GET / http/1.1\r\n" HOST "\r\n"), "400 close" },
    { "a_request_line_without_a_version_is_malformed",
      TEXT("GET /\r\n"), "400 close" },
    { "a_space_after_the_version_is_malformed",
      TEXT("GET / HTTP/1.1 \r\n" HOST "\r\n"), "400 close" },
    { "two_spaces_are_malformed", TEXT("GET  / HTTP/1.1\r\n" HOST "\r\n"),
      "400 close" },
    { "an_empty_target_is_malformed_whatever_the_method",
      TEXT("BREW  HTTP/1.1\r\n" HOST "\r\n"), "400 close" },
    { "a_tab_is_no_separator", TEXT("GET\t/ HTTP/1.1\r\n" HOST "\r\n"),
      "400 close" },
    { "a_leading_space_is_malformed", TEXT(" " GET), "400 close" },
    { "a_method_is_a_token", TEXT("G@T / HTTP/1.1\r\n" HOST "\r\n"),
      "400 close" },
    { "methods_compare_with_case", TEXT("get / HTTP/1.1\r\n" HOST "\r\n"),
      "501" },
    { "an_unknown_method_does_not_break_the_pipeline",
      TEXT("BREW /echo HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nok" GET),
      "501 200" },
    { "the_http_2_preface_is_another_version",
      TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "505 close" },
    { "an_absolute_target_is_served",
      TEXT("GET http://a/x HTTP/1.1\r\n" HOST "\r\n"), "200" },
    { "an_absolute_target_needs_host_too",
      TEXT("GET http://a/x HTTP/1.1\r\n\r\n"), "400 close" },
    { "a_target_without_a_slash_is_refused",
      TEXT("GET x HTTP/1.1\r\n" HOST "\r\n"), "400 close" },
    { "a_star_is_no_target_of_get", TEXT("GET * HTTP/1.1\r\n" HOST "\r\n"),
      "400 close" },
    { "a_fragment_is_no_part_of_a_target",
      TEXT("GET /#x HTTP/1.1\r\n" HOST "\r\n"), "400 close" },
    { "a_high_byte_is_no_part_of_a_target",
      TEXT("GET /\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n"), "400 close" },
    { "a_lone_percent_is_refused", TEXT("GET /%2 HTTP/1.1\r\n" HOST "\r\n"),
      "400 close" },
    { "a_query_does_not_change_the_route",
      TEXT("GET /x?a=/b HTTP/1.1\r\n" HOST "\r\n"), "200" },
    { "an_unknown_path_keeps_the_connection",
      TEXT("GET /nope HTTP/1.1\r\n" HOST "\r\n" GET), "404 200" },
    { "two_equal_hosts_are_two_hosts",
      TEXT("GET / HTTP/1.1\r\n" HOST HOST "\r\n"), "400 close" },
    { "an_empty_host_is_refused", TEXT("GET / HTTP/1.1\r\nHost:\r\n\r\n"),
      "400 close" },
    { "a_host_with_a_space_is_refused",
      TEXT("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), "400 close" },
    { "a_host_with_a_path_is_refused",
      TEXT("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), "400 close" },
    { "a_host_with_a_user_is_refused",
      TEXT("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"), "400 close" },
    { "a_host_with_a_port_is_served",
      TEXT("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"), "200" },
    { "a_name_without_a_colon_is_refused",
      TEXT("GET / HTTP/1.1\r\n" HOST "X\r\n\r\n"), "400 close" },
    { "nul_in_a_value_is_refused",
      TEXT("GET / HTTP/1.1\r\n" HOST "X: \0\r\n\r\n"), "400 close" },
    { "a_body_of_get_is_read_and_ignored",
      TEXT("GET / HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nok" GET),
      "200 200" },
    { "a_body_at_the_end_of_a_request_is_not_the_next_request",
      TEXT(POST "Content-Length: 31\r\n\r\n"
           "GET /nope HTTP/1.1\r\nHost: b\r\n\r\n" GET), "200 200" },
    { "length_before_chunked_is_refused",
      TEXT(POST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"),
      "400 close" },
    { "an_unknown_coding_beside_a_length_is_a_conflict",
      TEXT(POST "Content-Length: 2\r\nTransfer-Encoding: x\r\n\r\n"),
      "400 close" },
    { "chunked_in_http_1_0_is_refused",
      TEXT("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
      "400 close" },
    { "chunked_twice_is_malformed",
      TEXT(POST "Transfer-Encoding: chunked, chunked\r\n\r\n"),
      "400 close" },
    { "gzip_before_chunked_is_not_implemented",
      TEXT(POST "Transfer-Encoding: gzip, chunked\r\n\r\n"), "501 close" },
    { "a_bad_chunk_is_refused_after_the_head_was_good",
      TEXT(POST "Transfer-Encoding: chunked\r\n\r\nx\r\n"), "400 close" },
    { "a_chunk_over_the_limit_is_too_large",
      TEXT(POST "Transfer-Encoding: chunked\r\n\r\n1000001\r\n"),
      "413 close" },
    { "an_expectation_of_100_is_served",
      TEXT(POST "Expect: 100-Continue\r\nContent-Length: 2\r\n\r\nok"),
      "200" },
    { "an_expectation_of_anything_else_fails",
      TEXT(POST "Expect: tea\r\nContent-Length: 2\r\n\r\nok"), "417 close" },
    { "a_request_cut_by_a_close_is_answered_400",
      TEXT("GET / HTTP/1.1\r\nHo"), "400 close" },
    { "a_close_between_requests_is_polite", TEXT(GET "\r\n"), "200" },
};

static const char *request_verdict(struct http_span bytes, struct cuts cuts)
{
    static struct dialog got;
    static char verdict[ANSWERS * 12 + 8];
    size_t len = 0;

    replay_requests(bytes, cuts, &got);
    verdict[0] = '\0';
    for (size_t i = 0; i < got.answers; i++)
        len += (size_t)snprintf(verdict + len, sizeof verdict - len, "%s%d",
                                i > 0 ? " " : "", got.status[i]);
    snprintf(verdict + len, sizeof verdict - len, "%s",
             got.closed ? " close" : "");
    return verdict;
}

static void test_requests(void)
{
    for (size_t i = 0; i < sizeof request_rows / sizeof *request_rows; i++) {
        for (size_t way = 0; way < WAYS; way++) {
            const char *got = request_verdict(request_rows[i].bytes,
                                              ways[way]);

            promise(strcmp(got, request_rows[i].answers) == 0,
                    request_rows[i].name, got);
        }
    }
}

/* --- limits --- */

struct text {
    char *at;
    size_t len, cap;
};

static void add(struct text *text, const char *piece, size_t times)
{
    size_t n = strlen(piece);

    if (text->len + n * times > text->cap) {
        text->cap = text->len + n * times;
        text->at = realloc(text->at, text->cap);
        if (text->at == NULL)
            abort();
    }
    for (; n > 0 && times > 0; times--, text->len += n)
        memcpy(text->at + text->len, piece, n);
}

/* A text made of a head, a repeated middle and a tail, judged all ways. */
static void limit(const char *name, bool is_request, const char *head,
                  const char *middle, size_t times, const char *tail,
                  const char *verdict)
{
    struct text text = { NULL, 0, 0 };

    add(&text, head, 1);
    add(&text, middle, times);
    add(&text, tail, 1);
    struct response_row row = { .bytes = { text.at, text.len } };
    for (size_t way = 0; way < WAYS; way++) {
        const char *got = is_request ? request_verdict(row.bytes, ways[way])
                                     : response_verdict(&row, ways[way]);

        promise(strcmp(got, verdict) == 0, name, got);
    }
    free(text.at);
}

static void test_limits(void)
{
    limit("100_fields_fit", 0, OK11, "X: v\r\n", 99, LENGTH2, "200 2 yes");
    limit("the_101st_field_is_refused", 0, OK11, "X: v\r\n", 100, LENGTH2,
          "too_large");
    limit("trailers_count_with_the_fields_of_the_head", 0,
          CHUNKED "0\r\n", "X: v\r\n", 99, "\r\n", "200 0 yes");
    limit("one_trailer_too_many_is_refused", 0, CHUNKED "0\r\n", "X: v\r\n",
          100, "\r\n", "too_large");
    limit("a_status_line_of_8190_bytes_fits", 0, "HTTP/1.1 200 ", "a",
          8190 - 13, "\r\n" LENGTH2, "200 2 yes");
    limit("a_status_line_of_8191_bytes_is_refused", 0, "HTTP/1.1 200 ", "a",
          8191 - 13, "\r\n" LENGTH2, "too_large");
    limit("a_line_that_never_ends_is_refused_at_the_limit", 0, OK11 "X: ",
          "a", 8188, "", "too_large");
    limit("white_space_before_a_value_counts", 0, OK11 "X:", " ", 8189, "",
          "too_large");
    limit("a_trailer_line_has_the_limit_too", 0, CHUNKED "0\r\nX: ", "a",
          8188, "", "too_large");
    limit("a_fold_begins_a_line_of_its_own", 0, OK11 "X: a\r\n ", "a", 8189,
          "\r\n" LENGTH2, "200 2 yes");
    limit("endless_folds_meet_the_head_limit", 0, OK11 "X: a", "\r\n a",
          16400, "", "too_large");
    limit("a_head_of_65536_bytes_fits", 0,
          OK11 "Content-Length: 0\r\nX: aaaaa", "\r\n 34567", 8186,
          "\r\n\r\n", "200 0 yes");
    limit("a_head_of_65537_bytes_is_refused", 0,
          OK11 "Content-Length: 0\r\nX: aaaaaa", "\r\n 34567", 8186,
          "\r\n\r\n", "too_large");
    limit("a_chunk_line_of_256_bytes_fits", 0, CHUNKED "2;", "a", 254,
          "\r\nok\r\n0\r\n\r\n", "200 2 yes");
    limit("a_chunk_line_of_257_bytes_is_refused", 0, CHUNKED "2;", "a", 255,
          "\r\nok\r\n0\r\n\r\n", "too_large");
    limit("endless_zeros_of_a_size_are_refused", 0, CHUNKED, "0", 257, "",
          "too_large");
    limit("16384_bytes_of_extensions_fit", 0, CHUNKED,
          "1;234567\r\nx\r\n", 16384 / 7, "0;abc\r\n\r\n", "200 2340 yes");
    limit("more_bytes_of_extensions_are_refused", 0, CHUNKED,
          "1;234567\r\nx\r\n", 16384 / 7, "0;abcd\r\n\r\n", "too_large");
    limit("16_interim_responses_are_skipped", 0, "", "HTTP/1.1 100 C\r\n\r\n",
          16, OK11 LENGTH2, "200 2 yes");
    limit("the_17th_interim_response_is_refused", 0, "",
          "HTTP/1.1 100 C\r\n\r\n", 17, "", "too_large");
    limit("a_target_too_long_is_414", 1, "GET /", "a", 8190, "", "414 close");
    limit("a_method_too_long_is_501", 1, "", "A", 8191, "", "501 close");
    limit("a_field_too_long_is_431", 1, "GET / HTTP/1.1\r\nX: ", "a", 8190,
          "", "431 close");
    limit("too_many_fields_are_431", 1, "GET / HTTP/1.1\r\n", "X: v\r\n", 101,
          "", "431 close");
    limit("too_many_trailers_are_431", 1,
          POST "Transfer-Encoding: chunked\r\n\r\n0\r\n", "X: v\r\n", 101, "",
          "431 close");
    limit("endless_empty_lines_are_refused", 1, "", "\r\n", 17, GET,
          "400 close");
}

/* The loop of every caller, for tests that look at the parser after it. */
static enum http_event feed_all(struct http_parser *p, const char *text)
{
    size_t len = strlen(text);
    enum http_event event;
    struct http_span body;
    size_t used;

    do {
        event = http_parser_feed(p, text, len, &used, &body);
        text += used;
        len -= used;
    } while (event == HTTP_GOT_HEAD || event == HTTP_GOT_BODY);
    return event;
}

static void test_small_limits(void)
{
    static const struct http_limits small = {
        .line = 20, .head = 60, .fields = 2, .chunk_line = 4, .chunk_ext = 2,
        .skips = 1, .body = 4,
    };
    struct http_parser p;
    char buf[64];

    http_response_init(&p, &small, buf, sizeof buf, false);
    feed_all(&p, OK11 "\r\n12345");
    PROMISE("a_body_until_close_has_the_limit_too",
            p.error == HTTP_TOO_LARGE && p.body_seen == 4);
    http_response_init(&p, &small, buf, sizeof buf, false);
    feed_all(&p, OK11 "A: 0123456789\r\nB: 0123456789\r\nC: 1\r\n");
    PROMISE("a_small_head_limit_holds", p.error == HTTP_TOO_LARGE);
    http_response_init(&p, NULL, buf, 8, false);
    feed_all(&p, OK11 "Abcdefgh: 1\r\n\r\n");
    PROMISE("a_head_buffer_too_small_is_an_error_and_not_an_overflow",
            p.error == HTTP_TOO_LARGE && p.used <= 8);
}

/* --- the parser's interface --- */

static void test_interface(void)
{
    static const char two[] = "GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b";
    struct http_parser p;
    struct http_span body;
    struct http_span value = { NULL, 0 };
    char buf[1024];
    char joined[4];
    size_t used = 0;

    http_request_init(&p, NULL, buf, sizeof buf);
    PROMISE("the_head_is_an_event_of_its_own",
            http_parser_feed(&p, two, sizeof two - 1, &used, &body) ==
                HTTP_GOT_HEAD);
    PROMISE("the_head_event_consumes_the_head_exactly",
            used == sizeof two - 1 - strlen("GET /b"));
    PROMISE("method_and_target_are_readable_after_the_head",
            http_same(p.method, "GET") && http_same(p.target, "/a"));
    PROMISE("a_message_without_a_body_is_complete_without_more_bytes",
            http_parser_feed(&p, two, 0, &used, &body) == HTTP_GOT_ALL &&
                used == 0);
    PROMISE("the_next_request_is_left_alone_and_forgiven",
            http_parser_feed(&p, "GET", 3, &used, &body) == HTTP_GOT_ALL &&
                used == 0 && http_parser_reusable(&p));

    http_response_init(&p, NULL, buf, sizeof buf, false);
    PROMISE("the_first_phase_is_the_start_line",
            http_parser_phase(&p) == HTTP_IN_START_LINE);
    feed_all(&p, "HTTP/1.1 200 Fine\r\nA: 1\r\n");
    PROMISE("after_the_start_line_come_fields",
            http_parser_phase(&p) == HTTP_IN_FIELDS);
    feed_all(&p, "B:\r\n\t  x  \r\n \r\n\ty\r\na:2\r\n"
                 "Content-Length: 3\r\n\r\na");
    PROMISE("after_the_fields_comes_the_body",
            http_parser_phase(&p) == HTTP_IN_BODY);
    PROMISE("the_reason_is_readable", http_same(p.reason, "Fine"));
    PROMISE("bytes_of_body_are_counted", p.body_seen == 1);
    PROMISE("folds_become_single_spaces",
            http_field_find(p.fields, "b", &value) &&
                http_same(value, "x y"));
    PROMISE("values_of_one_name_are_joined",
            http_field_join(p.fields, "A", joined, sizeof joined) == 4 &&
                memcmp(joined, "1, 2", 4) == 0);
    PROMISE("a_join_that_does_not_fit_tells_its_length",
            http_field_join(p.fields, "A", joined, 2) == 4);
    PROMISE("a_missing_field_is_missing",
            http_field_join(p.fields, "Z", joined, 2) == -1 &&
                !http_field_find(p.fields, "Content", &value));
    PROMISE("an_incomplete_message_is_not_reusable",
            !http_parser_reusable(&p));
    feed_all(&p, "bc");
    PROMISE("a_complete_message_is_reusable", http_parser_reusable(&p));
    PROMISE("a_complete_message_is_in_the_last_phase",
            http_parser_phase(&p) == HTTP_COMPLETE);
    feed_all(&p, "d");
    PROMISE("bytes_that_come_later_spoil_the_reuse",
            !http_parser_reusable(&p));

    http_response_init(&p, NULL, buf, sizeof buf, false);
    feed_all(&p, "x");
    PROMISE("an_error_stays_what_it_was",
            feed_all(&p, OK11) == HTTP_FAILED &&
                http_parser_eof(&p) == HTTP_FAILED &&
                p.error == HTTP_BAD_STATUS_LINE);
}

static void error_offset(const char *name, const char *text, char marked)
{
    struct http_parser p;
    char buf[1024];
    char got[64];

    http_response_init(&p, NULL, buf, sizeof buf, false);
    feed_all(&p, text);
    snprintf(got, sizeof got, "offset %llu", (unsigned long long)p.offset);
    promise(p.error != HTTP_OK && p.why[0] != '\0' &&
                text[p.offset] == marked, name, got);
}

static void test_error_offsets(void)
{
    error_offset("a_bad_status_is_marked_at_its_byte",
                 "HTTP/1.1 2?0 OK\r\n", '?');
    error_offset("a_bad_value_is_marked_at_its_byte",
                 OK11 "X: ab\x01zz\r\n", '\x01');
    error_offset("a_space_in_a_name_is_marked_at_the_space",
                 OK11 "X-A : b\r\n", ' ');
    error_offset("a_bad_length_is_marked_where_it_begins",
                 OK11 "A: b\r\nContent-Length: ?5\r\n\r\n", '?');
    error_offset("an_unknown_coding_is_marked_where_it_begins",
                 OK11 "Transfer-Encoding: ?\r\nA: b\r\n\r\n", '?');
    error_offset("a_bad_chunk_is_marked_at_its_byte",
                 CHUNKED "5?\r\n", '?');
}

/* --- URLs --- */

static const struct {
    struct http_span url;
    const char *verdict; /* "host port target" or the error class */
} url_rows[] = {
    { TEXT("HTTP://LocalHost:0080/%7Ea?"), "LocalHost 80 /%7Ea?" },
    { TEXT("http://localhost?q"), "localhost 80 /?q" },
    { TEXT("http://localhost#f"), "localhost 80 /" },
    { TEXT("http://localhost/a@b:c"), "localhost 80 /a@b:c" },
    { TEXT("http://localhost/?a?b/c:@"), "localhost 80 /?a?b/c:@" },
    { TEXT("http://localhost/../a/./b"), "localhost 80 /../a/./b" },
    { TEXT("http://[2001:DB8::ffff:1.2.3.4]:1/"),
      "2001:DB8::ffff:1.2.3.4 1 /" },
    { TEXT("http://a.b-c_d.example./"), "a.b-c_d.example. 80 /" },
    { TEXT("http://255.255.255.255:1"), "255.255.255.255 1 /" },
    { TEXT("http://"), "empty_host" },
    { TEXT("http://#f"), "empty_host" },
    { TEXT("http://:80/"), "empty_host" },
    { TEXT("http:/localhost/"), "bad_scheme" },
    { TEXT("http:localhost"), "bad_scheme" },
    { TEXT("//localhost/"), "bad_scheme" },
    { TEXT("://localhost/"), "bad_scheme" },
    { TEXT("/path"), "bad_scheme" },
    { TEXT("localhost"), "bad_scheme" },
    { TEXT("1http://localhost/"), "bad_scheme" },
    { TEXT("httpx://localhost/"), "unsupported_scheme" },
    { TEXT("HTTPS://localhost/"), "unsupported_scheme" },
    { TEXT("ws+unix://localhost/"), "unsupported_scheme" },
    { TEXT("http://@localhost/"), "userinfo" },
    { TEXT("http://a:b@c:d@localhost/"), "userinfo" },
    { TEXT("http://localhost:/"), "localhost 80 /" },
    { TEXT("http://localhost:-1/"), "bad_port" },
    { TEXT("http://localhost:+80/"), "bad_port" },
    { TEXT("http://localhost:00000/"), "bad_port" },
    { TEXT("http://localhost:99999999999999999999/"), "bad_port" },
    { TEXT("http://localhost:8%30/"), "bad_port" },
    { TEXT("http://[::1]:x/"), "bad_port" },
    { TEXT("http://[::1]80/"), "bad_host" },
    { TEXT("http://[]/"), "bad_host" },
    { TEXT("http://[1.2.3.4]/"), "bad_host" },
    { TEXT("http://[v1.a]/"), "bad_host" },
    { TEXT("http://[fe80::1%25lo]/"), "bad_host" },
    { TEXT("http://[1:2:3:4:5:6:7:8:9]/"), "bad_host" },
    { TEXT("http://a]b/"), "bad_host" },
    { TEXT("http://a..b/"), "bad_host" },
    { TEXT("http://%6cocalhost/"), "bad_host" },
    { TEXT("http://local\\host/"), "bad_char" },
    { TEXT("http://good\\@evil/"), "bad_char" },
    { TEXT("http://localhost/\xc3\xa9"), "bad_char" },
    { TEXT("http://localhost/a\tb"), "bad_char" },
    { TEXT("http://localhost/\x7f"), "bad_char" },
    { TEXT("http://localhost/<>"), "bad_char" },
    { TEXT("http://localhost/[a]"), "bad_char" },
    { TEXT("http://localhost/#a#b"), "bad_char" },
    { TEXT(" http://localhost/"), "bad_char" },
    { TEXT("http://localhost/\r\n"), "bad_char" },
    { TEXT("http://loc\0alhost/"), "bad_char" },
    { TEXT("http://localhost/%2"), "bad_percent" },
    { TEXT("http://localhost/?%g0"), "bad_percent" },
    { TEXT("http://localhost/#%"), "bad_percent" },
};

static const char *url_verdict(struct http_span text)
{
    static char verdict[512];
    struct http_url url;
    enum http_error error = http_url_parse(&url, text);

    if (error != HTTP_OK)
        return http_error_name(error);
    snprintf(verdict, sizeof verdict, "%.*s %d %.*s%.*s", (int)url.host.len,
             url.host.at, url.port, (int)url.path.len, url.path.at,
             (int)url.query.len, url.query.len > 0 ? url.query.at : "");
    return verdict;
}

static void test_urls(void)
{
    char text[8300];

    for (size_t i = 0; i < sizeof url_rows / sizeof url_rows[0]; i++) {
        const char *got = url_verdict(url_rows[i].url);

        promise(strcmp(got, url_rows[i].verdict) == 0, url_rows[i].url.at,
                got);
    }
    memset(text, 'a', sizeof text);
    memcpy(text, "http://h/", 9);
    struct http_url url;
    PROMISE("a_url_of_8190_bytes_fits",
            http_url_parse(&url, (struct http_span){ text, 8190 }) == HTTP_OK);
    PROMISE("a_url_of_8191_bytes_is_refused",
            http_url_parse(&url, (struct http_span){ text, 8191 }) ==
                HTTP_TOO_LARGE);
    memcpy(text + 7 + 63, ".", 1);
    text[8] = 'a';
    memcpy(text + 7 + 127, "/", 1);
    PROMISE("labels_of_63_bytes_fit",
            http_url_parse(&url, (struct http_span){ text, 200 }) == HTTP_OK);
    text[7 + 63] = 'a';
    PROMISE("a_label_of_64_bytes_is_refused",
            http_url_parse(&url, (struct http_span){ text, 200 }) ==
                HTTP_BAD_HOST);
    for (size_t label = 1; label < 4; label++)
        text[7 + 64 * label - 1] = '.';
    text[7 + 253] = '/';
    PROMISE("a_host_name_of_253_bytes_fits",
            http_url_parse(&url, (struct http_span){ text, 300 }) == HTTP_OK);
    text[7 + 253] = 'a';
    text[7 + 254] = '/';
    PROMISE("a_host_name_of_254_bytes_is_refused",
            http_url_parse(&url, (struct http_span){ text, 300 }) ==
                HTTP_BAD_HOST);
    memset(text, 'a', sizeof text);
    text[0] = '/';
    PROMISE("a_target_of_8190_bytes_fits",
            http_target_parse(&url, (struct http_span){ text, 8190 }) ==
                HTTP_OK);
    PROMISE("a_target_of_8191_bytes_is_refused",
            http_target_parse(&url, (struct http_span){ text, 8191 }) ==
                HTTP_TOO_LARGE);
    PROMISE("a_refusal_marks_the_byte",
            http_url_parse(&url, http_text("http://localhost:8x/")) ==
                    HTTP_BAD_PORT && url.offset == 18);
}

static void test_secure_urls(void)
{
    struct http_url url;

    PROMISE("without_tls_https_is_refused_by_its_scheme",
            http_url_parse(&url, http_text("https://h/")) ==
                    HTTP_UNSUPPORTED_SCHEME && !url.secure);
    PROMISE("with_tls_https_is_port_443_whatever_its_case",
            http_url_parse_any(&url, http_text("HTTPS://h/a")) == HTTP_OK &&
                url.secure && url.port == 443);
    PROMISE("with_tls_a_port_that_is_named_stays",
            http_url_parse_any(&url, http_text("https://h:80/")) == HTTP_OK &&
                url.secure && url.port == 80);
    PROMISE("with_tls_http_is_what_it_was",
            http_url_parse_any(&url, http_text("http://h/")) == HTTP_OK &&
                !url.secure && url.port == 80);
    PROMISE("with_tls_other_schemes_are_refused_and_told_so",
            http_url_parse_any(&url, http_text("ftp://h/")) ==
                    HTTP_UNSUPPORTED_SCHEME &&
                strstr(url.why, "https") != NULL);
    PROMISE("a_server_is_asked_for_no_https_target",
            http_target_parse(&url, http_text("https://h/")) ==
                HTTP_UNSUPPORTED_SCHEME);
}

/* All examples of RFC 3986 5.4.1 and 5.4.2. */
static const char *const references[][2] = {
    { "g:h", "g:h" }, { "g", "http://a/b/c/g" },
    { "./g", "http://a/b/c/g" }, { "g/", "http://a/b/c/g/" },
    { "/g", "http://a/g" }, { "//g", "http://g" },
    { "?y", "http://a/b/c/d;p?y" }, { "g?y", "http://a/b/c/g?y" },
    { "#s", "http://a/b/c/d;p?q#s" }, { "g#s", "http://a/b/c/g#s" },
    { "g?y#s", "http://a/b/c/g?y#s" }, { ";x", "http://a/b/c/;x" },
    { "g;x", "http://a/b/c/g;x" }, { "g;x?y#s", "http://a/b/c/g;x?y#s" },
    { "", "http://a/b/c/d;p?q" }, { ".", "http://a/b/c/" },
    { "./", "http://a/b/c/" }, { "..", "http://a/b/" },
    { "../", "http://a/b/" }, { "../g", "http://a/b/g" },
    { "../..", "http://a/" }, { "../../", "http://a/" },
    { "../../g", "http://a/g" }, { "../../../g", "http://a/g" },
    { "../../../../g", "http://a/g" }, { "/./g", "http://a/g" },
    { "/../g", "http://a/g" }, { "g.", "http://a/b/c/g." },
    { ".g", "http://a/b/c/.g" }, { "g..", "http://a/b/c/g.." },
    { "..g", "http://a/b/c/..g" }, { "./../g", "http://a/b/g" },
    { "./g/.", "http://a/b/c/g/" }, { "g/./h", "http://a/b/c/g/h" },
    { "g/../h", "http://a/b/c/h" }, { "g;x=1/./y", "http://a/b/c/g;x=1/y" },
    { "g;x=1/../y", "http://a/b/c/y" }, { "g?y/./x", "http://a/b/c/g?y/./x" },
    { "g?y/../x", "http://a/b/c/g?y/../x" },
    { "g#s/./x", "http://a/b/c/g#s/./x" },
    { "g#s/../x", "http://a/b/c/g#s/../x" }, { "http:g", "http:g" },
    /* and some of our own */
    { "http://x/../y", "http://x/y" }, { "//x/a/..", "http://x/" },
    { "..//g", "http://a/b//g" }, { "/a//../g", "http://a/a/g" },
    { "?", "http://a/b/c/d;p?" }, { "#", "http://a/b/c/d;p?q#" },
};

static void resolve(const char *base, const char *ref, const char *want)
{
    char out[256];
    size_t len = 0;
    enum http_error error = http_url_resolve(http_text(base), http_text(ref),
                                             out, sizeof out - 1, &len);

    out[len] = '\0';
    promise(error == HTTP_OK && strcmp(out, want) == 0, want, out);
}

static void test_references(void)
{
    char out[12];
    size_t len;

    for (size_t i = 0; i < sizeof references / sizeof references[0]; i++)
        resolve("http://a/b/c/d;p?q", references[i][0], references[i][1]);
    resolve("http://a", "g", "http://a/g");
    resolve("http://a?q", "?y", "http://a?y");
    resolve("http://a:8080", "../g", "http://a:8080/g");
    PROMISE("a_reference_that_is_missing_is_an_empty_one",
            http_url_resolve(http_text("http://a/b"),
                             (struct http_span){ NULL, 0 }, out, sizeof out,
                             &len) == HTTP_OK && len == 10);
    PROMISE("a_result_that_does_not_fit_is_refused",
            http_url_resolve(http_text("http://a/"), http_text("bcde"), out,
                             sizeof out, &len) == HTTP_TOO_LARGE);
    PROMISE("a_result_that_just_fits_is_given",
            http_url_resolve(http_text("http://a/"), http_text("bcd"), out,
                             sizeof out, &len) == HTTP_OK && len == 12);
}

/* --- the writer --- */

static void test_request_writer(void)
{
    struct http_writer w;
    struct http_url url;
    char buf[256];

    http_url_parse(&url, http_text("http://[::1]:8080?q#f"));
    http_write_request(&w, buf, sizeof buf, http_text("POST"), &url);
    http_write_field(&w, http_text("A"), http_text("b c"));
    http_write_end(&w, 2);
    http_write_body(&w, http_text("ok"));
    PROMISE("a_request_is_written_as_the_rfc_wants_it",
            http_same((struct http_span){ buf, w.len },
                      "POST /?q HTTP/1.1\r\nHost: [::1]:8080\r\nA: b c\r\n"
                      "Content-Length: 2\r\n\r\nok"));

    http_url_parse(&url, http_text("http://h:80/"));
    http_write_request(&w, buf, sizeof buf, http_text("GET"), &url);
    http_write_end(&w, 0);
    PROMISE("get_declares_no_body_and_host_no_default_port",
            http_same((struct http_span){ buf, w.len },
                      "GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    http_url_parse_any(&url, http_text("https://h/"));
    http_write_request(&w, buf, sizeof buf, http_text("GET"), &url);
    buf[w.len] = '\0';
    PROMISE("host_names_no_443_over_tls",
            strstr(buf, "Host: h\r\n") != NULL);
    http_url_parse_any(&url, http_text("https://h:80/"));
    http_write_request(&w, buf, sizeof buf, http_text("GET"), &url);
    buf[w.len] = '\0';
    PROMISE("host_names_port_80_over_tls",
            strstr(buf, "Host: h:80\r\n") != NULL);
    http_url_parse(&url, http_text("http://h/"));
    http_write_request(&w, buf, sizeof buf, http_text("PUT"), &url);
    http_write_end(&w, 0);
    PROMISE("put_declares_an_empty_body",
            http_same((struct http_span){ buf, w.len },
                      "PUT / HTTP/1.1\r\nHost: h\r\n"
                      "Content-Length: 0\r\n\r\n"));

}

static void test_response_writer(void)
{
    struct http_writer w;
    char buf[256];

    http_write_response(&w, buf, sizeof buf, 200, http_text(""), false);
    http_write_field(&w, http_text("connection"), http_text("x, Close"));
    http_write_end(&w, HTTP_CHUNKED);
    http_write_body(&w, http_text("0123456789abcdef"));
    http_write_body(&w, http_text(""));
    http_write_last_chunk(&w);
    PROMISE("chunks_are_written_and_an_empty_one_does_not_end_them",
            http_same((struct http_span){ buf, w.len },
                      "HTTP/1.1 200 \r\nconnection: x, Close\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n"
                      "10\r\n0123456789abcdef\r\n0\r\n\r\n"));
    PROMISE("the_writer_notices_close", w.close);

    http_write_response(&w, buf, sizeof buf, 200, http_text("OK"), true);
    http_write_end(&w, 5);
    PROMISE("an_answer_to_head_tells_the_length",
            http_same((struct http_span){ buf, w.len },
                      OK11 "Content-Length: 5\r\n\r\n"));
    PROMISE("an_answer_to_head_has_no_body",
            http_write_body(&w, http_text("hello")) == HTTP_BODY_NOT_ALLOWED);

    http_write_response(&w, buf, sizeof buf, 204, http_text("N"), false);
    PROMISE("a_204_announces_no_body",
            http_write_end(&w, 5) == HTTP_BODY_NOT_ALLOWED && w.len == 0);
    http_write_response(&w, buf, sizeof buf, 204, http_text("N"), false);
    http_write_end(&w, 0);
    PROMISE("a_204_has_no_framing_fields",
            http_same((struct http_span){ buf, w.len },
                      "HTTP/1.1 204 N\r\n\r\n"));
    http_write_response(&w, buf, sizeof buf, 200, http_text("OK"), false);
    http_write_end(&w, 2);
    PROMISE("more_body_than_announced_is_refused",
            http_write_body(&w, http_text("abc")) == HTTP_BODY_NOT_ALLOWED);
}

static void test_writer_errors(void)
{
    struct http_writer w;
    struct http_url url;
    char buf[256];

    http_url_parse(&url, http_text("http://h/"));
    http_write_request(&w, buf, sizeof buf, http_text("GET"), &url);
    http_write_field(&w, http_text("A"), http_text("x\r\nB: y"));
    http_write_field(&w, http_text(""), http_text("v"));
    PROMISE("the_first_error_stays_and_nothing_is_sent",
            http_write_end(&w, 0) == HTTP_BAD_HEADER_VALUE && w.len == 0 &&
                w.why[0] != '\0');
    http_write_request(&w, buf, sizeof buf, http_text("GET"), &url);
    PROMISE("the_writer_owns_host",
            http_write_field(&w, http_text("HOST"), http_text("x")) ==
                HTTP_CONFLICTING_FRAMING);
    url.path = http_text("/a b");
    PROMISE("a_path_with_a_space_is_no_target",
            http_write_request(&w, buf, sizeof buf, http_text("GET"), &url) ==
                HTTP_BAD_TARGET);
    url.path = http_text("/");
    url.host = http_text("h\r\nX: y");
    PROMISE("a_host_made_by_hand_is_checked_too",
            http_write_request(&w, buf, sizeof buf, http_text("GET"), &url) ==
                HTTP_BAD_HOST);
    bool all_full = true;
    url.host = http_text("h");
    for (size_t cap = 0; cap < 27; cap++) {
        http_write_request(&w, buf, cap, http_text("GET"), &url);
        all_full = all_full && http_write_end(&w, 0) == HTTP_TOO_LARGE &&
                   w.len == 0;
    }
    http_write_request(&w, buf, 27, http_text("GET"), &url);
    PROMISE("a_full_buffer_is_an_error_whatever_its_size",
            all_full && http_write_end(&w, 0) == HTTP_OK && w.len == 27);
}

/* --- the table of byte classes, against the definitions --- */

static void test_byte_classes(void)
{
    static const char tchar[] = "!#$%&'*+-.^_`|~";
    static const char uri[] = "-._~:/?[]@!$&'()*+,;=%";

    for (int byte = 0; byte < 256; byte++) {
        bool ascii = byte < 128;
        bool alnum = ascii && isalnum(byte);
        char c = (char)byte;
        char name[32];

        snprintf(name, sizeof name, "classes_of_byte_%02x", (unsigned)byte);
        bool good =
            http_is(c, HTTP_TOKEN) ==
                (alnum || (byte > 0 && ascii && strchr(tchar, byte))) &&
            http_is(c, HTTP_URI) ==
                (alnum || (byte > 0 && ascii && strchr(uri, byte))) &&
            http_is(c, HTTP_TEXT) ==
                (byte == '\t' || (byte >= 32 && byte != 127)) &&
            http_is(c, HTTP_HEX) == (ascii && isxdigit(byte)) &&
            http_is(c, HTTP_DIGIT) == (ascii && isdigit(byte)) &&
            http_is(c, HTTP_WS) == (byte == '\t' || byte == ' ');
        promise(good, name, "another class");
    }
    for (int error = 0; error < HTTP_ERROR_COUNT; error++)
        PROMISE("every_error_class_has_a_name",
                strcmp(http_error_name((enum http_error)error), "unknown"));
}

int main(void)
{
    test_byte_classes();
    test_responses();
    test_requests();
    test_limits();
    test_small_limits();
    test_interface();
    test_error_offsets();
    test_urls();
    test_secure_urls();
    test_references();
    test_request_writer();
    test_response_writer();
    test_writer_errors();
    printf("http parser: %d promises kept, %d broken\n", kept, broken);
    return broken == 0 ? 0 : 1;
}
