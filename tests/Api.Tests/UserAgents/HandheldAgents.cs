namespace SessionCluster.Api.Tests.UserAgents;

/// <summary>Browsers of telephones and tablets: text, browser, operating system, and the device's family, brand and model.</summary>
internal static class HandheldAgents
{
    public static TheoryData<string, string, string, string, string?, string?> Rows { get; } = new()
    {
        {
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/138 Version/11.1.1 Safari/605.1.15",
            "Chrome Mobile iOS 138", "iOS", "Mac", "Apple", "Mac"
        },
        {
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1 OPT/5.4.2",
            "Opera Touch 5.4.2", "iOS 18.5", "iPhone", "Apple", "iPhone"
        },
        {
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1 OPX/2.7.1",
            "Opera GX 2.7.1", "iOS 18.5", "iPhone", "Apple", "iPhone"
        },
        {
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1 Ddg/18.5",
            "DuckDuckGo Mobile 18.5", "iOS 18.5", "iPhone", "Apple", "iPhone"
        },
        {
            "Mozilla/5.0 (Linux; Android 10; K; HMSCore 6.13.0.352) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.5735.196 HuaweiBrowser/15.0.4.312 Mobile Safari/537.36",
            "Huawei Browser 15.0.4", "Android 10", "Huawei Browser", "Huawei", "Browser"
        },
        {
            "Mozilla/5.0 (Linux; Android 13; SM-S908B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/112.0.0.0 Mobile Safari/537.36",
            "Chrome Mobile 112.0.0", "Android 13", "Samsung SM-S908B", "Samsung", "SM-S908B"
        },
        {
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36",
            "Chrome Mobile 124.0.0", "Android 10", "K", "Generic_Android", "K"
        },
        {
            "Mozilla/5.0 (Linux; Android 14; Pixel 8 Pro) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.6261.64 Mobile Safari/537.36",
            "Chrome Mobile 122.0.6261", "Android 14", "Pixel 8 Pro", "Google", "Pixel 8 Pro"
        },
        {
            "Mozilla/5.0 (Linux; Android 12; SM-X906C Build/QP1A.190711.020; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/80.0.3987.119 Mobile Safari/537.36",
            "Chrome Mobile WebView 80.0.3987", "Android 12", "Samsung SM-X906C", "Samsung", "SM-X906C"
        },
        {
            "Mozilla/5.0 (Linux; Android 11; Lenovo TB-8505F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/110.0.0.0 Safari/537.36",
            "Chrome 110.0.0", "Android 11", "Lenovo TB-8505F", "Lenovo", "TB-8505F"
        },
        {
            "Mozilla/5.0 (Linux; Android 11; Redmi Note 8 Pro) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.104 Mobile Safari/537.36",
            "Chrome Mobile 96.0.4664", "Android 11", "XiaoMi Redmi Note 8 Pro", "XiaoMi", "Redmi Note 8 Pro"
        },
        {
            "Mozilla/5.0 (Linux; Android 12; moto g pure) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/106.0.0.0 Mobile Safari/537.36",
            "Chrome Mobile 106.0.0", "Android 12", "Motorola g pure", "Motorola", "g pure"
        },
        {
            "Mozilla/5.0 (Linux; Android 9; ONEPLUS A6003) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/88.0.4324.93 Mobile Safari/537.36",
            "Chrome Mobile 88.0.4324", "Android 9", "OnePlus ONEPLUS A6003", "OnePlus", "ONEPLUS A6003"
        },
        {
            "Mozilla/5.0 (Linux; Android 10; CPH2015) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Mobile Safari/537.36",
            "Chrome Mobile 96.0.4664", "Android 10", "Oppo CPH2015", "Oppo", "CPH2015"
        },
        {
            "Mozilla/5.0 (Linux; Android 10; vivo 1904) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Mobile Safari/537.36",
            "Chrome Mobile 96.0.4664", "Android 10", "vivo 1904", "vivo", "1904"
        },
        {
            "Mozilla/5.0 (Linux; Android 11; RMX2185) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Mobile Safari/537.36",
            "Chrome Mobile 96.0.4664", "Android 11", "Oppo RMX2185", "Oppo", "RMX2185"
        },
        {
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 EdgiOS/119.2151.105 Mobile/15E148 Safari/605.1.15",
            "Edge Mobile 119.2151.105", "iOS 17.2", "iPhone", "Apple", "iPhone"
        },
        {
            "Mozilla/5.0 (Android 13; Mobile; rv:109.0) Gecko/115.0 Firefox/115.0",
            "Firefox Mobile 115.0", "Android 13", "Generic Smartphone", "Generic", "Smartphone"
        },
        {
            "Mozilla/5.0 (Android 12; Tablet; rv:68.0) Gecko/68.0 Firefox/68.0",
            "Firefox Mobile 68.0", "Android 12", "Generic Tablet", "Generic", "Tablet"
        },
        {
            "Mozilla/5.0 (iPhone; CPU iPhone OS 14_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/121.0 Mobile/15E148 Safari/605.1.15",
            "Firefox iOS 121.0", "iOS 14.2", "iPhone", "Apple", "iPhone"
        },
        {
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/604.1",
            "Mobile Safari 17.2", "iOS 17.2.1", "iPhone", "Apple", "iPhone"
        },
        {
            "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
            "Mobile Safari 16.6", "iOS 16.6", "iPad", "Apple", "iPad"
        },
        {
            "Mozilla/5.0 (iPod touch; CPU iPhone OS 12_5_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1",
            "Mobile Safari 12.1.2", "iOS 12.5.5", "iPod", "Apple", "iPod"
        },
        {
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
            "Mobile Safari UI/WKWebView", "iOS 17.1", "iPhone", "Apple", "iPhone"
        },
        {
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120.0.6099.119 Mobile/15E148 Safari/604.1",
            "Chrome Mobile iOS 120.0.6099", "iOS 17.2", "iPhone", "Apple", "iPhone"
        },
        {
            "Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/270.0.542318018 Mobile/15E148 Safari/604.1",
            "Google 270.0.542318018", "iOS 16.5", "iPhone", "Apple", "iPhone"
        },
        {
            "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/428.0.0.26.108;FBBV/508300789;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/16.6]",
            "Facebook 428.0.0", "iOS 16.6", "iPhone", "Apple", "iPhone14,5"
        },
        {
            "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/20G75 Instagram 302.0.1.23.111 (iPhone14,7; iOS 16_6; en_US; en; scale=3.00; 1170x2532; 521493580)",
            "Instagram 302.0.1", "iOS 16.6", "iPhone", "Apple", "iPhone14,7"
        },
        {
            "Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16",
            "Opera Mini 36.2.2254", "Android", "Generic Smartphone", "Generic", "Smartphone"
        },
        {
            "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/21.0 Chrome/110.0.5481.154 Mobile Safari/537.36",
            "Samsung Internet 21.0", "Android 13", "Samsung SM-S918B", "Samsung", "SM-S918B"
        },
        {
            "Mozilla/5.0 (Linux; U; Android 12; en-US; RMX3241 Build/SP1A.210812.016) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.58 UCBrowser/13.4.0.1306 Mobile Safari/537.36",
            "UC Browser 13.4.0", "Android 12", "Oppo RMX3241", "Oppo", "RMX3241"
        },
        {
            "Mozilla/5.0 (Linux; U; Android 4.0.3; en-us; GT-I9100 Build/IML74K) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30",
            "Android 4.0.3", "Android 4.0.3", "Samsung GT-I9100", "Samsung", "GT-I9100"
        },
        {
            "Mozilla/5.0 (Linux; Android 9; KFMUWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/112.5.1 like Chrome/112.0.5615.213 Safari/537.36",
            "Amazon Silk 112.5.1", "Android 9", "Kindle", "Amazon", "Kindle"
        },
        {
            "Dalvik/2.1.0 (Linux; U; Android 13; SM-A536B Build/TP1A.220624.014)",
            "Android 13", "Android 13", "Samsung SM-A536B", "Samsung", "SM-A536B"
        },
        {
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1.2 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15",
            "DuckDuckGo Mobile 7", "iOS 17.1.2", "iPhone", "Apple", "iPhone"
        },
        {
            "Mozilla/5.0 (Linux; Android 10; HUAWEI P30 Pro) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/110.0.0.0 Mobile Safari/537.36",
            "Chrome Mobile 110.0.0", "Android 10", "Huawei P30", "Huawei", "P30"
        },
        {
            "Mozilla/5.0 (Linux; Android 8.0.0; LG-H870) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0.4844.73 Mobile Safari/537.36",
            "Chrome Mobile 99.0.4844", "Android 8.0.0", "LG-H870", "LG", "H870"
        },
        {
            "Mozilla/5.0 (Linux; Android 11; Nokia 5.3) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.85 Mobile Safari/537.36",
            "Chrome Mobile 94.0.4606", "Android 11", "Nokia 5", "Nokia", "5"
        },
        {
            "Mozilla/5.0 (Linux; Android 10; M2006C3LG) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.85 Mobile Safari/537.36",
            "Chrome Mobile 94.0.4606", "Android 10", "M2006C3LG", "Generic_Android", "M2006C3LG"
        },
        {
            "Mozilla/5.0 (Linux; Android 9; SM-T510) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Safari/537.36",
            "Chrome 96.0.4664", "Android 9", "SM-T510", "Generic_Android_Tablet", "SM-T510"
        },
        {
            "Mozilla/5.0 (Linux; Android 11; ASUS_I005D) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Mobile Safari/537.36",
            "Chrome Mobile 96.0.4664", "Android 11", "Asus I005D", "Asus", "I005D"
        },
        {
            "Mozilla/5.0 (Linux; Android 10; HTC Desire 20 pro) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Mobile Safari/537.36",
            "Chrome Mobile 96.0.4664", "Android 10", "HTC Desire 20 pro", "HTC", "Desire 20 pro"
        },
    };
}
