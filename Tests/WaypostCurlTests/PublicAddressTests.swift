import Synchronization
import Testing
import WaypostCore
import WaypostHTTP
import WaypostTesting

@testable import WaypostCurl

@Suite struct PublicAddressTests {
    @Test(arguments: [
        "8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.1", "192.167.1.1",
        "198.17.0.1",
        "198.20.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888",
        "64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8",
    ])
    func `addresses of the open Internet are public`(text: String) throws {
        #expect(PublicAddress.isPublic(try #require(IPAddress(text)).bytes))
    }

    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.1.2.3",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1",
        "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fe80::1", "fec0::1", "fc00::1",
        "fd00:ec2::254", "ff02::1", "2001:db8::1", "2001::1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::1",
        "2002:7f00:1::1", "100::1", "3fff::1", "5f00::1",
    ])
    func `addresses of hosts, nets and nobody are not`(text: String) throws {
        #expect(!PublicAddress.isPublic(try #require(IPAddress(text)).bytes))
    }

    @Test func `an IPv4 address within an IPv6 one counts as it stands there`() {
        let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
        #expect(!PublicAddress.isPublic(mapped + [192, 168, 0, 1]))
        #expect(PublicAddress.isPublic(mapped + [8, 8, 8, 8]))
        #expect(!PublicAddress.isPublic([1, 2, 3]))
    }

    @Test(arguments: ["localhost", "127.0.0.1"])
    func `where only public addresses may be used, nothing connects to loopback`(host: String) async throws {
        let listener = try LoopbackListener { stream, _ in
            _ = try stream.readMessage()
            stream.answer("ok")
        }
        defer { listener.stop() }
        let transport = CurlTransport()
        defer { transport.stop() }
        let request = HTTPRequest.post("http://\(host):\(listener.port)/", json: Array("{}".utf8))
        var settings = TransferSettings(timeout: .seconds(20))
        settings.addresses = .publicOnly
        let refused = await transport.exchange(.http(request), pool: "a", settings: settings)
        #expect(refused.error?.departure == .notSent)
        #expect(refused.error?.detail.contains("resolves to a private address; write allow_private") == true)
        #expect(listener.accepted == 0)
        settings.addresses = .any
        let taken = await transport.exchange(.http(request), pool: "b", settings: settings)
        #expect(taken.http?.status == 200)
    }

    @Test func `of an answer that nobody reads no more is waited for than was asked`() async throws {
        let isOver = Atomic(false)
        let listener = try LoopbackListener { stream, _ in
            _ = try stream.readMessage()
            stream.send("HTTP/1.1 204 Fine\r\n\r\n")
        }
        let flood = try LoopbackListener { stream, _ in
            _ = try stream.readMessage()
            stream.send("HTTP/1.1 200 Fine\r\nContent-Type: text/plain\r\n\r\n")
            while !isOver.load(ordering: .relaxed), stream.send([UInt8](repeating: 65, count: 4096)) {}
        }
        defer {
            isOver.store(true, ordering: .relaxed)
            listener.stop()
            flood.stop()
        }
        let transport = CurlTransport()
        defer { transport.stop() }
        var settings = TransferSettings(timeout: .seconds(20))
        settings.ignoresBodyBeyond = 4096
        #expect(await transport.post("{}", to: flood.port, settings: settings).http?.status == 200)
        #expect(await transport.post("{}", to: listener.port, settings: settings).http?.status == 204)
    }
}
