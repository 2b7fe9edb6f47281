import COpenSSL

/// Whom the sandbox claims to be over TLS.
enum TLSIdentity {
    /// Made for this run, with the authority's certificate in PEM for `ca_file`. Its private key is forgotten at once.
    case made(certificate: Certificate, key: PrivateKey, authority: String)
    /// PEM files of the operator's.
    case files(certificate: String, key: String)

    /// A fresh authority and a certificate of it for `localhost`, 127.0.0.1 and ::1, valid for ten days.
    static func make() throws(TLSFailure) -> TLSIdentity {
        let authorityKey = try PrivateKey(.p256)
        let authority = try Certificate("Waypost sandbox authority", for: authorityKey, serial: 1)
        try authority.add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
        try authority.add(NID_key_usage, "critical,keyCertSign,cRLSign")
        try authority.add(NID_subject_key_identifier, "hash")
        try authority.sign(as: authority, with: authorityKey)

        let key = try PrivateKey(.p256)
        let certificate = try Certificate("localhost", for: key, serial: 2)
        try certificate.add(NID_basic_constraints, "critical,CA:FALSE")
        try certificate.add(NID_key_usage, "critical,digitalSignature")
        try certificate.add(NID_ext_key_usage, "serverAuth")
        try certificate.add(NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1")
        try certificate.add(NID_authority_key_identifier, "keyid:always", issuer: authority)
        try certificate.sign(as: authority, with: authorityKey)
        return .made(certificate: certificate, key: key, authority: try authority.pem())
    }

    /// A certificate in the making, then signed.
    final class Certificate {
        let pointer: OpaquePointer

        init(_ name: String, for key: PrivateKey, serial: Int) throws(TLSFailure) {
            guard let pointer = X509_new() else { throw TLSFailure("no certificate could be made") }
            self.pointer = pointer
            let lifetime = 10 * 24 * 3600
            guard X509_set_version(pointer, 2) == 1,
                ASN1_INTEGER_set(X509_get_serialNumber(pointer), serial) == 1,
                X509_gmtime_adj(X509_getm_notBefore(pointer), -3600) != nil,
                X509_gmtime_adj(X509_getm_notAfter(pointer), lifetime) != nil,
                X509_set_pubkey(pointer, key.pointer) == 1,
                X509_NAME_add_entry_by_txt(X509_get_subject_name(pointer), "CN", MBSTRING_UTF8, name, -1, -1, 0) == 1
            else { throw TLSFailure("no certificate could be made") }
        }

        deinit { X509_free(pointer) }

        /// Adds an extension in OpenSSL's own notation.
        func add(_ kind: Int32, _ value: String, issuer: Certificate? = nil) throws(TLSFailure) {
            var context = X509V3_CTX()
            X509V3_set_ctx(&context, (issuer ?? self).pointer, pointer, nil, nil, 0)
            guard let added = X509V3_EXT_conf_nid(nil, &context, kind, value) else {
                throw TLSFailure("the extension \(value) could not be made")
            }
            defer { X509_EXTENSION_free(added) }
            guard X509_add_ext(pointer, added, -1) == 1 else { throw TLSFailure("no extension could be added") }
        }

        func sign(as issuer: Certificate, with key: PrivateKey) throws(TLSFailure) {
            guard X509_set_issuer_name(pointer, X509_get_subject_name(issuer.pointer)) == 1,
                X509_sign(pointer, key.pointer, EVP_sha256()) > 0
            else { throw TLSFailure("the certificate could not be signed") }
        }

        func pem() throws(TLSFailure) -> String {
            let memory = BIO_new(BIO_s_mem())
            defer { BIO_free(memory) }
            guard PEM_write_bio_X509(memory, pointer) == 1 else { throw TLSFailure("no PEM could be written") }
            return String(bio: memory)
        }
    }
}
