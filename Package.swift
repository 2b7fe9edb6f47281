// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

/// A library target of this package: `imports` are its only ways out, and they always point up the list below.
func library(_ name: String, imports: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: imports, swiftSettings: strict)
}

func tests(of name: String, imports: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name), "WaypostTesting"] + imports, resources: resources,
        swiftSettings: strict)
}

/// What the build says that it is built from: `WAYPOST_COMMIT=$(git rev-parse HEAD) swift build`, as deploy/build-deb does.
let commit = (Context.environment["WAYPOST_COMMIT"] ?? "").filter {
    $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-")
}

let package = Package(
    name: "waypost",
    products: [
        .executable(name: "waypost", targets: ["waypost"]),
        .executable(name: "waypost-sandbox", targets: ["waypost-sandbox"]),
        .executable(name: "waypost-bench", targets: ["waypost-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    ],
    targets: [
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
        .systemLibrary(name: "CResolv"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),

        .target(
            name: "CBuild",
            cSettings: [.define("WAYPOST_COMMIT", to: "\"\(commit.isEmpty ? "unknown" : commit)\"")]),

        library("WaypostCore", imports: ["WaypostJSON"]),
        library("WaypostJSON"),
        library("WaypostMetrics"),
        library("WaypostHTTP"),
        library("WaypostConfiguration", imports: ["Yams"]),
        library(
            "WaypostPolicy",
            imports: [
                "WaypostCore", "WaypostJSON", "WaypostConfiguration",
                .product(name: "Collections", package: "swift-collections"),
            ]),
        library(
            "WaypostTemplates",
            imports: ["WaypostCore", "WaypostJSON", .product(name: "Mustache", package: "swift-mustache")]),
        library("WaypostCrypto", imports: ["COpenSSL"]),
        library(
            "WaypostProviders",
            imports: ["WaypostCore", "WaypostJSON", "WaypostHTTP", "WaypostConfiguration", "WaypostCrypto"]),
        library(
            "WaypostCurl",
            imports: ["WaypostHTTP", "CCurl", .product(name: "Collections", package: "swift-collections")]),
        library(
            "WaypostStore",
            imports: [
                "WaypostCore", "WaypostJSON", "WaypostCrypto", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        library(
            "WaypostDelivery",
            imports: [
                "WaypostCore", "WaypostPolicy", "WaypostTemplates", "WaypostProviders", "WaypostHTTP", "WaypostStore",
                "WaypostMetrics", .product(name: "Collections", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        library("WaypostServer", imports: ["WaypostHTTP", "CMicrohttpd"]),
        library(
            "WaypostAPI",
            imports: [
                "WaypostCore", "WaypostJSON", "WaypostHTTP", "WaypostConfiguration", "WaypostCrypto", "WaypostPolicy",
                "WaypostTemplates", "WaypostProviders", "WaypostServer", "WaypostDelivery", "WaypostStore",
                "WaypostMetrics", "CBuild", .product(name: "Logging", package: "swift-log"),
            ]),
        library(
            "WaypostDiagnostics",
            imports: ["WaypostCore", "WaypostJSON", "WaypostCrypto", "WaypostProviders", "CResolv"]),
        library(
            "WaypostSandbox",
            imports: ["WaypostJSON", "WaypostHTTP", "WaypostConfiguration", "COpenSSL", "CNghttp2"]),
        library(
            "WaypostApp",
            imports: [
                "WaypostAPI", "WaypostCurl", "WaypostConfiguration", "WaypostDiagnostics",
                .product(name: "Logging", package: "swift-log"),
            ]),

        library(
            "WaypostCommandLine", imports: [.product(name: "ArgumentParser", package: "swift-argument-parser")]),
        .executableTarget(
            name: "waypost",
            dependencies: [
                "WaypostApp", "WaypostSandbox", "WaypostCommandLine",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "waypost-bench",
            dependencies: [
                "WaypostApp", "WaypostSandbox", "CMicrohttpd",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "waypost-sandbox",
            dependencies: [
                "WaypostSandbox", "WaypostConfiguration", "WaypostCommandLine",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        library("WaypostTesting", imports: ["WaypostCore", "WaypostHTTP", "WaypostProviders"]),

        tests(of: "WaypostStore", imports: [.product(name: "GRDB", package: "GRDB.swift")]),
        tests(
            of: "WaypostPolicy", imports: ["WaypostCore", "WaypostJSON"], resources: [.copy("Resources")]),
        tests(of: "WaypostTemplates", imports: ["WaypostCore", "WaypostJSON"]),
        tests(of: "WaypostMetrics"),
        tests(
            of: "WaypostCommandLine",
            imports: [.product(name: "ArgumentParser", package: "swift-argument-parser")]),
        tests(
            of: "WaypostDelivery",
            imports: [
                "WaypostCore", "WaypostPolicy", "WaypostProviders", "WaypostHTTP", "WaypostStore", "WaypostMetrics",
            ]),
        tests(of: "WaypostCrypto", imports: ["WaypostJSON"], resources: [.copy("Resources")]),
        tests(
            of: "WaypostProviders",
            imports: ["WaypostCore", "WaypostJSON", "WaypostHTTP", "WaypostConfiguration", "WaypostCrypto"],
            resources: [.copy("Resources")]),
        tests(
            of: "WaypostSandbox",
            imports: [
                "WaypostJSON", "WaypostHTTP", "WaypostConfiguration", "WaypostCore", "WaypostProviders", "WaypostCurl",
                "COpenSSL",
            ],
            resources: [.copy("Resources")]),
        tests(of: "WaypostJSON"),
        tests(of: "WaypostCore", imports: ["WaypostJSON"]),
        tests(of: "WaypostConfiguration"),
        tests(
            of: "WaypostApp",
            imports: [
                "WaypostCore", "WaypostConfiguration", "WaypostHTTP", "WaypostPolicy", "WaypostProviders",
                "WaypostCrypto", "WaypostJSON", "WaypostTemplates",
            ]),
        tests(
            of: "WaypostAPI",
            imports: [
                "WaypostCore", "WaypostHTTP", "WaypostJSON", "WaypostCrypto", "WaypostPolicy", "WaypostDelivery",
                "WaypostServer", "WaypostTemplates",
            ]),
        .testTarget(
            name: "WaypostEndToEndTests",
            dependencies: [
                "WaypostApp", "WaypostSandbox", "WaypostCore", "WaypostJSON", "WaypostPolicy", "WaypostStore",
                "WaypostProviders", "WaypostDiagnostics", "WaypostCrypto", "WaypostTesting",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        tests(of: "waypost", imports: ["WaypostCore", "WaypostHTTP", "WaypostJSON"]),
        tests(
            of: "WaypostDiagnostics", imports: ["WaypostCore", "WaypostJSON", "WaypostCrypto", "WaypostSandbox"]),
        tests(of: "WaypostCurl", imports: ["WaypostHTTP", "WaypostSandbox", "WaypostServer"]),
        tests(of: "WaypostServer", imports: ["WaypostHTTP", "WaypostCurl"]),
    ]
)
