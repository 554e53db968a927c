<?php

// Asks the controller of snippet.php for a token, as nobody and as a user, with Laravel's own requests, answers and configuration.

use App\Http\Controllers\ChatTokenController;
use Illuminate\Config\Repository;
use Illuminate\Container\Container;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Facade;

require_once 'Illuminate/Config/autoload.php';
require_once 'Illuminate/Container/autoload.php';
require_once 'Illuminate/Http/autoload.php';
require_once __DIR__ . '/snippet.php';

[, $secret, $name] = $argv;
$container = new Container();
$container->instance('config', new Repository(['services' => ['natter' => ['secret' => $secret]]]));
Facade::setFacadeApplication($container);

function ask(?object $user): array
{
    $request = Request::create('/chat-token');
    $request->setUserResolver(fn () => $user);
    $response = (new ChatTokenController())($request);
    return ['status' => $response->getStatusCode(), 'body' => $response->getData()];
}

echo json_encode([ask(null), ask((object) ['id' => 42, 'name' => $name])]);
