import CCurl

/// One transfer's options and facts at libcurl. A class, for libcurl keeps pointers into it; freed with its last owner,
/// after it has left its multi handle.
final class EasyHandle {
    let raw: UnsafeMutableRawPointer
    /// The first option that libcurl refused, looked at once before the transfer starts.
    private(set) var refusal = CURLE_OK
    /// libcurl's text for a failure, filled by it during the transfer.
    private let errorBuffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var headers: UnsafeMutablePointer<curl_slist>?

    init() {
        guard let raw = curl_easy_init() else { preconditionFailure("curl_easy_init: out of memory") }
        self.raw = raw
        attachErrorBuffer()
    }

    deinit {
        curl_easy_cleanup(raw)
        curl_slist_free_all(headers)
        errorBuffer.deallocate()
    }

    /// Forgets every option; connections live in the multi handle and stay.
    func reset() {
        curl_easy_reset(raw)
        curl_slist_free_all(headers)
        headers = nil
        refusal = CURLE_OK
        attachErrorBuffer()
    }

    private func attachErrorBuffer() {
        errorBuffer.initialize(repeating: 0)
        note(waypost_easy_set_pointer(raw, CURLOPT_ERRORBUFFER, errorBuffer.baseAddress))
    }

    func set(_ option: CURLoption, _ value: Int) { note(waypost_easy_set_long(raw, option, value)) }
    func set(_ option: CURLoption, offset value: Int) { note(waypost_easy_set_offset(raw, option, curl_off_t(value))) }
    /// nil takes back what was set, or libcurl's own default.
    func set(_ option: CURLoption, _ value: String?) { note(waypost_easy_set_string(raw, option, value)) }
    func set(_ option: CURLoption, _ value: Duration) { set(option, Int(value.wholeMilliseconds)) }
    func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer) {
        note(waypost_easy_set_pointer(raw, option, pointer))
    }
    func set(_ option: CURLoption, write callback: curl_write_callback) {
        note(waypost_easy_set_write(raw, option, callback))
    }
    func set(read callback: curl_read_callback) { note(waypost_easy_set_read(raw, callback)) }
    func set(seek callback: curl_seek_callback) { note(waypost_easy_set_seek(raw, callback)) }
    func set(openSocket callback: curl_opensocket_callback) { note(waypost_easy_set_opensocket(raw, callback)) }
    func set(debug callback: curl_debug_callback) { note(waypost_easy_set_debug(raw, callback)) }

    /// Adds a line for `CURLOPT_HTTPHEADER`; `sendHeaders` hands over what has gathered.
    func add(header line: String) {
        guard let longer = curl_slist_append(headers, line) else {
            refusal = CURLE_OUT_OF_MEMORY
            return
        }
        headers = longer
    }

    func sendHeaders() { note(waypost_easy_set_list(raw, CURLOPT_HTTPHEADER, headers)) }

    private func note(_ code: CURLcode) {
        if refusal == CURLE_OK { refusal = code }
    }

    func integer(_ info: CURLINFO) -> Int {
        var value = 0
        return waypost_easy_get_long(raw, info, &value) == CURLE_OK ? value : 0
    }

    func offset(_ info: CURLINFO) -> Int {
        var value = curl_off_t(0)
        return waypost_easy_get_offset(raw, info, &value) == CURLE_OK ? Int(value) : 0
    }

    func string(_ info: CURLINFO) -> String? {
        var value: UnsafePointer<CChar>?
        guard waypost_easy_get_string(raw, info, &value) == CURLE_OK, let value else { return nil }
        return String(cString: value)
    }

    /// The socket of a transfer made with `CURLOPT_CONNECT_ONLY`.
    var socket: Int32? {
        var value: curl_socket_t = -1
        return waypost_easy_get_socket(raw, &value) == CURLE_OK && value >= 0 ? value : nil
    }

    /// libcurl's own words for the failure; may name hosts, so only texts known to be harmless are passed on.
    var errorText: String {
        errorBuffer.baseAddress.map { String(cString: $0) } ?? ""
    }
}

extension EasyHandle {
    /// What every transfer has in common, whatever it carries.
    func setCommon(caFile: String?) {
        set(CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps")
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PROXY, "")  // the environment of a daemon does not decide where messages go
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_TCP_KEEPIDLE, 30)
        set(CURLOPT_TCP_KEEPINTVL, 10)
        set(CURLOPT_DNS_CACHE_TIMEOUT, 60)
        TrustStore.apply(to: self, caFile: caFile)
    }
}
